"""`python -m cli` is `darkroom`."""

from __future__ import annotations

import cli

if __name__ == "__main__":
    cli.main()
