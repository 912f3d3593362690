"""Text detection: from an image to its text regions."""
