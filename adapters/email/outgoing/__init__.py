"""From an outgoing message to a mail. Pure."""
