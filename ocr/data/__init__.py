"""From records to batches: decoding, augmentation, sampling, loading."""
