"""The commands, imported when they are called: `--help` needs none of them.

A module has the name of its command and a click command named `command`; gateway/cli.py has a line
for each. At its top it imports what its options need. What its work needs, where that takes time
to import (Redis, HTTP, adapters), is a module of gateway/work that the command imports when it
runs.
"""
