"""What the product does, one module a subject. Pages, API and workers call these."""
