"""Annotations read, checked and written: one file a format, their names in `registry`, whole data sets in `convert`."""
