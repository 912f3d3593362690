"""Entry points: one thin Hydra program per job."""
