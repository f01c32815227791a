"""Discord's gateway: a WebSocket over which a bot hears what happens."""
