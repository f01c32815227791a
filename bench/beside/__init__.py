"""Trunkline beside other projects, each in its best honest configuration."""
