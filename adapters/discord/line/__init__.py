"""Whatever connects, waits or is refused."""
