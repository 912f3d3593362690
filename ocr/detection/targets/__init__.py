"""Text polygons to training maps and masks, one file per method."""
