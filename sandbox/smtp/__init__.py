"""The emulated mail host's submission side, at the level of SMTP."""
