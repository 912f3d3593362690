"""What people look at: tables, JSON, overlays."""
