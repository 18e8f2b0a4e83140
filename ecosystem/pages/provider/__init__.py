"""Pages where tour operators work."""
