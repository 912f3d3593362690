"""Code shared by the formats: a reader's result, names, images, polygons, writing."""
