"""Outgoing webhooks: programs elsewhere are told of what happens here."""
