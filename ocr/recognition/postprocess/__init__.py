"""From a recogniser's output to text. Does not import torch."""
