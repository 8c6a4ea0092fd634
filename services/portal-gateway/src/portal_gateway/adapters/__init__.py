"""The gateway's own schema."""
