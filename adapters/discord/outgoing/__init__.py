"""From messages to calls of Discord's API. Pure."""
