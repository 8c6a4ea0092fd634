"""The rules of contracts: pure, no I/O; time, ids and numbers are passed in."""
