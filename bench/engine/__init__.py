"""What a message costs in the engine."""
