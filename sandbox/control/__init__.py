"""The control API: what tests and the page do to the world, as JSON over HTTP."""
