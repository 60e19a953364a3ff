"""Darkroom as it is, on a machine whose clock is CLOCK_OFFSET_SECONDS wrong: `python -m tests.faults.offset` is `darkroom`."""

from __future__ import annotations

import importlib
import os
import sys
import time
from datetime import datetime as right_datetime
from datetime import timedelta
from pathlib import Path

from tests import thrifty
from tests.forked import ROOT

OFFSET = timedelta(seconds=float(os.environ.get("CLOCK_OFFSET_SECONDS", "0")))
right_time = time.time


class Alike(type):
    """Every date is one of ours."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, right_datetime)


class Offset(right_datetime, metaclass=Alike):
    """Whose `now` is wrong."""

    @classmethod
    def now(cls, tz=None):
        return right_datetime.now(tz) + OFFSET


def reads_the_clock(module):
    """A module of ours, or what verifies our tokens."""
    path = Path(getattr(module, "__file__", None) or sys.executable)
    is_ours = path.is_relative_to(ROOT) and "site-packages" not in path.parts
    return is_ours or module.__name__.startswith("jwt.")


if __name__ == "__main__":
    time.time = lambda: right_time() + OFFSET.total_seconds()
    for name in ("app", "worker"):
        importlib.import_module(name)
    for module in list(sys.modules.values()):
        if reads_the_clock(module) and getattr(module, "datetime", None) is right_datetime:
            module.datetime = Offset
    thrifty.main()
