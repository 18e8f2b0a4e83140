"""Which agency an actor works for, and what somebody of its team may do there.

role        clients, trips, bookings     commission, cost, statements     team, profile, payouts
owner       yes                          yes                              yes
agent       yes                          yes                              no
assistant   yes                          no                               no
"""

from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden


def agency_of(actor: Actor) -> UUID:
    """The agency the actor works for, in any role.

    Raises:
        Forbidden: no agent; ``second_factor_required`` for one who has to set that up first;
            ``no_agency`` for one who was invited and has not joined.
    """
    if actor.role == "agent" and actor.enrol_first:
        raise Forbidden(
            "Your agency asks for an authenticator app at sign-in. Set it up in your account"
            " first, then go on here.",
            code="second_factor_required",
        )
    if actor.role == "agent" and actor.agency_id is None:
        raise Forbidden(
            "You are in no agency's team yet. Open the link of your invitation to join.",
            code="no_agency",
        )
    if actor.role != "agent" or actor.agency_id is None:
        raise Forbidden("This is for travel agents. Sign in with an agent's account.")
    return actor.agency_id


def earning(actor: Actor) -> UUID:
    """The agency whose commission and costs the actor may see.

    Raises:
        Forbidden: ``assistant`` for somebody who works there without seeing them.
    """
    agency_id = agency_of(actor)
    if not actor.sees_commission:
        raise Forbidden(
            "What your agency earns is shown to its agents and owners only.", code="assistant"
        )
    return agency_id


def owning_agency(actor: Actor) -> UUID:
    """The agency whose team, profile and payouts the actor may change. Raises ``Forbidden``."""
    agency_id = agency_of(actor)
    if not actor.agency_owner:
        raise Forbidden("Only an owner of the agency can change this.", code="not_an_owner")
    return agency_id
