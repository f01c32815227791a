"""What a conversation is. Knows no platform, no HTTP."""
