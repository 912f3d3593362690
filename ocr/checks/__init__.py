"""Find the flaws of a data set before training does, and repair those that can be repaired safely."""
