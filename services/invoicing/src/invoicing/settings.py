"""Figures of this service that are no business setting; what comes from outside is `kontor.settings.Settings`."""

OVERDUE_SECONDS = 10.0
TALLY_SECONDS = 20.0

# How often the slip is checked again when settings change between check and issue.
CHECK_ATTEMPTS = 3
