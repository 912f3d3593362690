"""The wing that reads: from the picture of a text line to its characters."""
