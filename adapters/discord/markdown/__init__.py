"""Discord's markdown: read into spans, written from spans. Pure."""
