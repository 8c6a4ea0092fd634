"""Figures of this service that are no business setting; what comes from outside is `kontor.settings.Settings`."""

OVERDUE_SECONDS = 10.0
TALLY_SECONDS = 20.0

# How often the slip is checked again when settings change between check and issue.
CHECK_ATTEMPTS = 3

# Customers and flags come as events a moment after the gateway saved them.
REPLICA_PATIENCE_SECONDS = 1.5
REPLICA_POLL_SECONDS = 0.05
