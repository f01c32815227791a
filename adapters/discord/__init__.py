"""Discord."""

from adapters.discord.adapter import open_adapter

__all__ = ["open_adapter"]
