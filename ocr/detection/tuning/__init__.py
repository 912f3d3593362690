"""Tune the postprocess settings on a split: maps are computed once, detections and counts for each setting."""
