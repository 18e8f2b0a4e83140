"""``/provider/team``: who works for the operator, and what each may do."""

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.team_parts import member, removing, team_page
from ecosystem.state.provider.team import PATH, ProviderTeamState

State = ProviderTeamState
ROLES = (("owner", "Owner"), ("editor", "Editor"), ("viewer", "Viewer"))


def page() -> rx.Component:
    """Draw the page."""
    return team_page(
        State,
        removing(
            State,
            " is signed out everywhere at once and sees nothing of yours any more. "
            "What was changed by them stays.",
            confirm=button("Remove", kind="danger", on_click=State.remove),
        ),
        area="provider",
        path=PATH,
        below="Who works with you, and what each of them may do.",
        people=rx.el.ul(
            rx.foreach(State.members, lambda row: member(row, State, ROLES)),
            class_name="divide-y divide-line",
        ),
        invite_roles=ROLES,
        roles=(
            ("Owner", "Everything, with the team, the profile and payouts."),
            ("Editor", "Packages, departures, and answers to travellers."),
            ("Viewer", "Sees everything and changes nothing."),
        ),
        key_roles=(("editor", "Editor: reads and changes"), ("viewer", "Viewer: only reads")),
    )
