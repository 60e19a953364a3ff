"""Compresses files with our codec, as often as each line of its input asks; answers how long the result is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from models.values import Compression, CompressionMode, MetadataPolicy
from processing.codec import compress
from processing.codec.base import Wish
from processing.codec.jpeg import facts, planes, quantisation
from processing.codec.jpeg.encoder import Coding
from processing.probe import Limits

LIMITS = Limits(100_000_000, 1)


def made(content: memoryview, asked: dict[str, Any]) -> bytes | memoryview:
    """One file."""
    if asked.get("optimised"):
        frame = facts.inspect(content).frame
        return planes.streamed(content, frame, Coding(quantisation.of_quality(asked["quality"])), ())
    mode = CompressionMode.TARGET_RATIO if "ratio" in asked else CompressionMode.QUALITY
    compression = Compression(mode=mode, value=asked.get("ratio", asked.get("quality")))
    return compress.compress(content, Wish(compression, MetadataPolicy.STRIP_ALL), LIMITS).content


def main() -> None:
    """Until its input ends."""
    print(json.dumps({"name": compress.prepare()}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        content, result = memoryview(Path(asked["file"]).read_bytes()), b""
        for _ in range(asked["count"]):
            result = made(content, asked)
        Path(asked["result"]).write_bytes(result)
        print(json.dumps({"size_bytes": len(result)}), flush=True)


if __name__ == "__main__":
    main()
