"""The parts put together: files in, results out."""
