"""From what is to be sent or changed to the Bot API calls that do it, and what a no means. Pure."""
