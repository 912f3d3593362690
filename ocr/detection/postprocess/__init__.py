"""Maps of the network to polygons in the original image's pixels, one file per method."""
