"""Two databases behind one unit of work. See ``docs/architecture.md``."""
