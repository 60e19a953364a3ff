"""The CSV of a batch: read in one pass with all that is wrong with it (`reading.py`), and its results written
(`results.py`). Neither collections nor storage are known here: bytes come in and rows go out, or the other way round.
"""

from processing.manifest.problems import Code, Problem, Severity
from processing.manifest.reading import Limits, OnInvalidRow, Reading
from processing.manifest.results import ResultFormat
from processing.manifest.rows import Row

__all__ = ["Code", "Limits", "OnInvalidRow", "Problem", "Reading", "ResultFormat", "Row", "Severity"]
