"""A trip's page: pictures, city by city, what is in it, and the card one reserves with."""

from ecosystem.pages.packages.showing import page

__all__ = ["page"]
