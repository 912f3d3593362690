"""What is wrong with a data set, found before a training meets it, and what of it can be repaired safely."""
