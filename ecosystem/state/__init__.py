"""Reflex State: one class a page, thin. Every public method is an endpoint: see guard.py."""
