"""The checklist of a refactor, gate by gate."""
