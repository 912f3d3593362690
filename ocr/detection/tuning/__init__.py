"""What the tuning of a detector needs of one image: its map is computed once, its detections for each setting."""
