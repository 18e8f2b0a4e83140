"""State of the pages of operations."""
