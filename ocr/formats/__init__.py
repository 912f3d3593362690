"""Read, check and write annotations: one file per format, their names in `registry`, whole data sets in `convert`."""
