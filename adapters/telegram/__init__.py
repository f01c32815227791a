"""Telegram, by a bot."""

from adapters.telegram.adapter import open_adapter

__all__ = ["open_adapter"]
