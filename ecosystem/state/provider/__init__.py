"""State of the pages where tour operators work."""
