"""Pictures from addresses that a stranger names, without reaching anything that the stranger could not.

An address is read once (`target.py`), its name is looked up once and every answer is checked (`resolving.py`,
`public.py`), only a checked address is connected to (`connecting.py`), each redirect begins anew (`fetcher.py`).
"""

from processing.fetch.fetcher import Fetched, Fetcher, FetchLimits
from processing.fetch.posting import Poster
from processing.fetch.resolving import SystemResolver

__all__ = ["FetchLimits", "Fetched", "Fetcher", "Poster", "SystemResolver"]
