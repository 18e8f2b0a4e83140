"""``/agent/quotes/[id]``: a proposal being written, and the dialogs above it."""

from ecosystem.pages.agent.quote.showing import page

__all__ = ["page"]
