"""Prove that two revisions behave the same."""
