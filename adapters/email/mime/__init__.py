"""A mail taken apart: bytes, headers, charsets, HTML. Pure."""
