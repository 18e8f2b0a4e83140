"""What was typed into a form and not saved is kept by the browser; here it is let go."""

import inspect

from reflex.event import EventSpec
from reflex_base.event import server_side


def forget_draft(draft: str) -> EventSpec:
    """Let go of what was typed into the form ``data-draft=draft`` of this page: it is saved.

    Returns:
        An event for a handler to return, before the one that leaves the page.
    """
    return server_side("_forget_draft", inspect.signature(forget_draft), draft=draft)
