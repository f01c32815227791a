"""Figures for Prometheus: what is counted, what is looked up when asked for, and their server."""
