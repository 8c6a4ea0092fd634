"""The deal timeline: every service's events, folded into what pages show, and pushed to open pages."""
