"""From the network's maps to polygons in the original image's pixels, one file per method."""
