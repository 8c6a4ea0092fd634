"""Measurements, never tests: `make bench` prints them beside the figures to beat and writes them as JSON."""
