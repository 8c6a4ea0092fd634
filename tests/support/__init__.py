"""Test infrastructure: real servers on free ports in temporary folders, and Kontor around them."""
