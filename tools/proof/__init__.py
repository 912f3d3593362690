"""Whether two revisions do the same."""
