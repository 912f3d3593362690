"""Files of trained networks: weights, the parts by name with their settings, and provenance."""
