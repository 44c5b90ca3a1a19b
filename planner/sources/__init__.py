"""Prices from outside: the only part that may reach the network, and only when one of its objects is asked."""

from planner.sources.cache import Cached, cache_folder
from planner.sources.folder import Folder
from planner.sources.grade_book import GradeBook
from planner.sources.prices import Prices, Source, SourceError, Unreachable
from planner.sources.token_metrics import TokenMetrics
from planner.sources.web import Patience
from planner.sources.yahoo import Yahoo

__all__ = [
    "Cached",
    "Folder",
    "GradeBook",
    "Patience",
    "Prices",
    "Source",
    "SourceError",
    "TokenMetrics",
    "Unreachable",
    "Yahoo",
    "cache_folder",
]
