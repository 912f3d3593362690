"""Choosing the postprocess's settings on a split: the maps are made once, detections and counts from them anew."""
