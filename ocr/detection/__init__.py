"""Text detection: from a page to its text regions."""
