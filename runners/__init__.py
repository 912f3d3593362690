"""Entry points: one thin Hydra program for each job."""
