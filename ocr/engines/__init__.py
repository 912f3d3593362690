"""Engines that run a detector's network: images in, probability maps out."""
