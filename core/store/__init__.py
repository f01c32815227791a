"""What Redis remembers: keys, scripts, group commit, lanes."""
