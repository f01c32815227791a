"""From figures to a page with tables and pictures."""
