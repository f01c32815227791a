"""The commands, imported when they are called: `--help` needs none of them."""
