"""Signing up and in, and one's own account."""
