"""Wires, listens and supervises: the only place that reads settings and opens connections."""
