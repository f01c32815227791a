"""An emulated name server: what senders publish about themselves, and how asking fails."""
