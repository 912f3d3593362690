"""Losses of recognisers."""
