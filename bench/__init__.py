"""Measurements of Trunkline, and of what is measured beside it; see __main__."""
