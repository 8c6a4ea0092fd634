"""The `kontor` command. The only package that may import every service."""
