"""Discord's payloads, taken apart. Pure."""
