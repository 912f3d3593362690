"""Losses: maps and targets in, a scalar and its named parts out; one file per loss."""
