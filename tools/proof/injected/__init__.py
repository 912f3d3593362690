"""Programs that run inside the revisions that are compared: with their packages, importing nothing of ours."""
