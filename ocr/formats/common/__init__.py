"""What the formats share: what a reader gives, names, images, polygons, writing."""
