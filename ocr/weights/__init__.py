"""What a trained network is kept in: its parts by name, its settings, where it comes from."""
