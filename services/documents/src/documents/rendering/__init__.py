"""From a frozen snapshot to the bytes of a PDF/A-3u; pure except for reading fonts."""
