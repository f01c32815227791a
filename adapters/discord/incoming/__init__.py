"""From Discord's payloads to events. Pure."""
