"""``/quotes/[token]``: a proposal as its client reads it and decides about it."""

from ecosystem.pages.proposal.showing import page

__all__ = ["page"]
