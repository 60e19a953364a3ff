"""Uploads of images to S3: Darkroom against an Express server, in turns, in CPU per request; and a very large file.

Run it from the top folder: `python -m benchmarks.transfer`, or `make bench-transfer`, which fetches what it needs.
"""

from __future__ import annotations

from benchmarks import large, measurements, run, stores

if __name__ == "__main__":
    run.main(
        run.Benchmark(
            description=__doc__,
            store=stores.s3,
            compared={"upload": measurements.uploads},
            memory=large.memory,
            title="resident memory, 1 GB",
        )
    )
