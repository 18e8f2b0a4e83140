"""Documents: sheets of paper as PDF files, and what stands on them."""

from ecosystem.services.documents.paper import Column, Paper

__all__ = ["Column", "Paper"]
