"""Contracts: block library, composing, signing, evidence. See README.md for RPCs and events."""
