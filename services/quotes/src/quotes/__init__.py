"""The quotes service: from a draft to an accepted, converted quote."""
