"""The checkout."""

from ecosystem.pages.checkout.showing import page

__all__ = ["page"]
