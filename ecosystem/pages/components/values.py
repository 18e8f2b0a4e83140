"""The types parts take, and how class names and optional children are put together."""

from string import Formatter
from typing import Any

import reflex as rx

Text = str | rx.Var[Any]
"""Words to show: known when compiling, or a field of a State."""

Flag = bool | rx.Var[Any]
"""Yes or no, known when compiling or not."""

Child = Any
"""What may stand inside a part: a component, words, or a Var of either."""


def either(flag: Flag, yes: Child, no: Child = "") -> Child:
    """Return ``yes`` or ``no`` for a flag of either kind, compiling a condition only for a Var."""
    if isinstance(flag, rx.Var):
        return rx.cond(flag, yes, no)
    return yes if flag else no


def sentence(message: str, **parts: Child) -> rx.Component:
    """Return a translated sentence with components where its placeholders stand.

    ``sentence(_("You have one? {link}."), link=link(_("Sign in"), href="/sign-in"))``. For words
    alone, known or a Var, ``_("Pay {amount}").format(amount=V.total)`` is enough.

    Raises:
        KeyError: a placeholder without its part.
    """
    pieces: list[Child] = []
    for text, name, _spec, _conversion in Formatter().parse(message):
        if text:
            pieces.append(text)
        if name is not None:
            pieces.append(parts[name])
    return rx.fragment(*pieces)


def filled(text: Text) -> Flag:
    """Whether there are words, for a text of either kind."""
    return text != "" if isinstance(text, rx.Var) else bool(text)


def when(flag: Flag, child: Child) -> Child:
    """Return ``child`` if the flag is set, else nothing."""
    if isinstance(flag, rx.Var):
        return rx.cond(flag, child)
    return child if flag else rx.fragment()


def states(**flags: Flag) -> dict[str, Any]:
    """Return ARIA states as attributes: ``states(invalid=x)`` is ``aria-invalid="true|false"``."""
    return {
        f"aria-{name.replace('_', '-')}": either(flag, "true", "false")
        for name, flag in flags.items()
    }


def id_of(field_id: Text, name: Text) -> Text:
    """The id of a field: the one that was given, else one made of its form key."""
    if isinstance(field_id, rx.Var) or field_id:
        return field_id
    return f"field-{name}"
