"""Tools that guard this repository: gates, proof, locks."""
