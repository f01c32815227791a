"""Wire-level emulators of the platforms, one shared world, faults, and the phone."""
