"""Uploads and downloads of images on GridFS: Darkroom against an Express server, in turns, in CPU per request.

Run it from the top folder: `python -m benchmarks.upload`, or `make bench`, which fetches what it needs.
"""

from __future__ import annotations

from contextlib import nullcontext

from benchmarks import measurements, run
from benchmarks.stores import GridFS

if __name__ == "__main__":
    run.main(
        run.Benchmark(
            description=__doc__,
            store=lambda _: nullcontext(GridFS()),
            compared={
                "upload": measurements.uploads,
                "download": measurements.downloads,
                "owners": measurements.owners,
            },
            memory=measurements.memory,
            title="resident memory, 4 MB uploads",
        )
    )
