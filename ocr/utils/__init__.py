"""Paths, digests and other small things that every room may use."""
