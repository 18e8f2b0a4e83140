"""Pages where agents work."""
