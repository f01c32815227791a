"""An emulated Discord: its state, its REST API, its files and its gateway."""
