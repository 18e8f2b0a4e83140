"""State of the pages where agents work."""
