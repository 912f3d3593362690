"""From probabilities of tokens to the facts of a receipt."""
