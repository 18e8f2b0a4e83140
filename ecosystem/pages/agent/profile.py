"""``/agent/profile``: what the agency says of itself, and whether it is verified."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import skeleton_fields
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.numbers import progress
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.uploader import uploader
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.logo import AgencyLogoState
from ecosystem.state.agent.profile import PATH, AgentProfileState, country_choices

State = AgentProfileState
Logo: Any = AgencyLogoState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Agency", below="What clients read of you, and what we know of you."),
        loading_or_failed(
            State.phase, State.problem, State.open, card(skeleton_fields(5)), _content()
        ),
        area="agent",
        current=PATH,
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(
            State.conflict,
            rx.el.div(
                problem_summary(
                    "Somebody else has changed this meanwhile. Nothing was overwritten.",
                    "Reload to see their version, then save yours.",
                ),
                button("Reload", on_click=State.open, extra="mt-3"),
            ),
        ),
        rx.cond(
            ~State.may_change,
            rx.el.p(
                "You can see this, but only an owner of the agency can change it.",
                class_name="rounded-md border border-line bg-sunk px-4 py-3 text-md",
            ),
        ),
        rx.el.div(
            _about(),
            rx.el.div(_logo(), _verification(), class_name="grid gap-6"),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]",
        ),
        class_name="grid gap-6",
    )


def _about() -> rx.Component:
    return section_card(
        "About you",
        rx.el.form(
            # A fieldset that is switched off takes every field in it along.
            rx.el.fieldset(
                rx.el.div(
                    _field("Name", "name", max_length=120, required=True),
                    _field("Country", "country", control="select", options=country_choices()),
                    _field("Address", "address", control="textarea", rows=3, max_length=400),
                    _field("Email", "contact_email", type="email"),
                    _field("Phone", "contact_phone", type="tel"),
                    _field("Website", "website", type="url"),
                    _field(
                        "Colour",
                        "accent",
                        placeholder="#0F5B5A",
                        max_length=7,
                        hint="Of buttons in what clients get. White words must be readable on it.",
                    ),
                    class_name="grid gap-4",
                ),
                rx.cond(
                    State.may_change,
                    button("Save", kind="primary", type="submit", extra="mt-5"),
                ),
                disabled=~State.may_change,
                class_name="min-w-0",
            ),
            on_submit=State.save,
            key=f"profile-{State.loads}",
            no_validate=True,
            class_name="p-5",
        ),
    )


def _logo() -> rx.Component:
    return section_card(
        "Logo",
        rx.el.div(
            rx.cond(
                Logo.src != "",
                rx.el.div(
                    rx.el.img(
                        src=Logo.src,
                        alt="Your logo",
                        class_name="max-h-20 max-w-full object-contain",
                    ),
                    style={"background": "#fff"},
                    class_name="w-fit rounded-md border border-line p-4",
                ),
                rx.el.p("Your name stands in its place.", class_name="text-soft"),
            ),
            rx.cond(
                Logo.problem != "",
                rx.el.p(Logo.problem, role="alert", class_name="text-bad"),
            ),
            rx.cond(Logo.percent >= 0, progress("Sending", Logo.percent)),
            rx.cond(
                State.may_change,
                rx.fragment(
                    uploader(
                        rx.el.span("Choose a logo, or drop it here", class_name="font-strong"),
                        rx.el.span(
                            "PNG, JPEG or WebP, up to 2 MB. It stands on a white ground.",
                            class_name="text-sm text-soft",
                        ),
                        jobs=Logo.jobs,
                        accept="image/png,image/jpeg,image/webp",
                        multiple=False,
                        disabled=Logo.percent >= 0,
                        on_choose=Logo.choose,
                        on_progress=Logo.progress,
                        on_sent=Logo.arrived,
                        on_broken=Logo.broke,
                    ),
                    rx.cond(
                        Logo.src != "",
                        rx.el.div(button("Take it off", size="sm", on_click=Logo.remove)),
                    ),
                ),
            ),
            on_mount=Logo.open,
            class_name="grid gap-4 p-5",
        ),
        note="On proposals, their PDF and e-mails.",
    )


def _verification() -> rx.Component:
    view: Any = State.view
    return section_card(
        "Verification",
        rx.el.div(
            rx.el.p(view.means),
            rx.cond(view.note != "", rx.el.p("We wrote: ", view.note, class_name="text-bad")),
            rx.cond(
                State.may_change & (view.verification != "verified"),
                rx.el.form(
                    _field("Registered name", "company", max_length=160, required=True),
                    _field("Registration number", "number", max_length=60, required=True),
                    _field(
                        "Register",
                        "registry",
                        max_length=120,
                        required=True,
                        hint="Where we find it, like Handelsregister Berlin.",
                    ),
                    _field("Tax number", "tax_number", max_length=60),
                    button(
                        rx.cond(view.verification == "asked", "Send anew", "Ask to be verified"),
                        type="submit",
                        extra="justify-self-start",
                    ),
                    on_submit=State.ask,
                    key=f"verification-{State.loads}",
                    no_validate=True,
                    class_name="grid gap-4",
                ),
            ),
            class_name="grid gap-4 p-5",
        ),
        aside=badge(view.standing, view.tone),
    )


def _field(label: str, name: str, **props: Any) -> rx.Component:
    return field(
        label, name, error=State.errors[name], default_value=getattr(State.view, name), **props
    )
