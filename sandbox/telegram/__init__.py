"""The Telegram Bot API as a bot sees it, and the phone as a person sees it."""
