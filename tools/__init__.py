"""What watches this repository: gates, proof, locks."""
