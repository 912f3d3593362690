"""The one way from an image file's bytes to upright RGB pixels, for every program alike."""
