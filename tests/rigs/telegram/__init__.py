"""Invented updates of the Bot API, of every kind that reaches a support desk."""
