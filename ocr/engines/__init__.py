"""What runs a detector's network: images in, probability maps out."""
