"""Train, validate, test and run text detectors for receipts."""

__version__ = "0.1.0"
