"""Does a refactor change anything? The checklist as gates, and the comparison of two revisions of this repository."""
