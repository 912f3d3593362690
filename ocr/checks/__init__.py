"""What is wrong with a data set, told before a training meets it, and what of it can be mended safely."""
