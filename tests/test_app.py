"""The web process carries only what it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOT_NEEDED = ("pyvips", "aiohttp", "boto3", "botocore", "imagekitio", "storage.filesystem", "storage.memory")


def test_the_api_imports_no_codec_and_no_adapter_that_it_does_not_use():
    program = f"import sys, app; print([name for name in {NOT_NEEDED} if name in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
