"""One file for each command: its options, one call, what to print."""
