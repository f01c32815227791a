"""The line to Telegram: everything that waits, connects, or is told no."""
