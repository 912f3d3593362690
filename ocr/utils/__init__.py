"""Paths, digests and other small helpers that every room may use."""
