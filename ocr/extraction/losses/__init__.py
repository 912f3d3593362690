"""Losses of the extraction."""
