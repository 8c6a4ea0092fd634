"""One function per command: load, decide, save, record, tell."""
