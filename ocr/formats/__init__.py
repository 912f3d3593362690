"""Reading, validating and writing annotations; one file per format."""
