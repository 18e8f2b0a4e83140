"""What search engines read of the public pages: their heads, the sitemap, ``robots.txt``."""

from ecosystem.api.pages.routes import public_pages

__all__ = ["public_pages"]
