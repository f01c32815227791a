"""Finding again what was said, by whom, and where: an index of our own beside the store."""

from gateway.search.search import Search, open_search

__all__ = ["Search", "open_search"]
