"""Ecosystem, a travel marketplace in pure Python."""
