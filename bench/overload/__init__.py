"""A gateway at ten times what it is used to: what is lost, who waits, how it ends."""
