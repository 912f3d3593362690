"""Maps and targets to a scalar loss and its named parts, one file per loss."""
