"""From text polygons to training maps and masks, one file per method."""
