"""Which operator an actor works for, and what a member of its team may do there.

role     sees     edits packages, departures, answers people     team, profile, payouts
owner    yes      yes                                            yes
editor   yes      yes                                            no
viewer   yes      no                                             no
"""

from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden


def operator_of(actor: Actor) -> UUID:
    """The operator the actor works for, in any role. Raises ``Forbidden``."""
    if actor.role == "provider" and actor.operator_id is None:
        raise Forbidden(
            "You are in no operator's team yet. Open the link of your invitation to join.",
            code="no_operator",
        )
    if actor.role != "provider" or actor.operator_id is None:
        raise Forbidden("This is for tour operators. Sign in with an operator's account.")
    return actor.operator_id


def editing(actor: Actor) -> UUID:
    """The operator whose packages, departures and answers the actor may change.

    Raises:
        Forbidden: no operator's account, or one that may only look.
    """
    operator_id = operator_of(actor)
    if actor.operator_role not in ("owner", "editor"):
        raise Forbidden(
            "You can see this, but not change it. Ask an owner of the team to make you an editor.",
            code="viewer",
        )
    return operator_id


def owning(actor: Actor) -> UUID:
    """The operator whose team, profile and payouts the actor may change. Raises ``Forbidden``."""
    operator_id = operator_of(actor)
    if actor.operator_role != "owner":
        raise Forbidden("Only an owner of the team can change this.", code="not_an_owner")
    return operator_id
