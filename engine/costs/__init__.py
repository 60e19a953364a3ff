"""What an operation may cost at most, known before it runs.

Fields declare it (`declared.py`); each document is walked once (`analysis.py`) into a few sums and products of what
its variables decide (`amounts.py`), so that a request adds up a handful of numbers (`tariff.py`).
"""

from engine.costs.declared import COST, PAGE, Cost, Measure, by
from engine.costs.tariff import NODES, Tariff

__all__ = ["COST", "NODES", "PAGE", "Cost", "Measure", "Tariff", "by"]
