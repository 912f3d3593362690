"""Read image files to upright RGB pixels, the same way in every program."""
