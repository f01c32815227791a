"""Scripts that run under the peers' own interpreter: nothing of Trunkline is imported here."""
