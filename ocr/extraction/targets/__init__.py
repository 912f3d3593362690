"""What is learnt of a receipt: the field of each token."""
