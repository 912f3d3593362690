"""Reports for people: tables, pages, overlays."""
