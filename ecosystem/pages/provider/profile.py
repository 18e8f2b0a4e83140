"""``/provider/profile``: what the public reads of the operator."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import bone, skeleton_fields
from ecosystem.pages.components.forms import checkbox, field, field_error, problem_summary
from ecosystem.pages.components.markdown_field import markdown_field
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.profile import (
    LONGEST_DESCRIPTION,
    PATH,
    Language,
    ProviderProfileState,
    country_choices,
)

State = ProviderProfileState
FORM = "profile"


def page() -> rx.Component:
    """Draw the page."""
    view: Any = State.view
    return desk_page(
        page_header(
            "Profile",
            rx.el.p(
                State.saved, class_name="text-sm text-soft", custom_attrs={"aria-live": "polite"}
            ),
            rx.cond(
                view.public_href != "",
                link_button("What the public sees", href=view.public_href),
            ),
            rx.cond(
                State.may_change,
                button("Save", kind="primary", type="submit", form=FORM),
            ),
            below="What travellers and agents read about you.",
        ),
        loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
        area="provider",
        current=PATH,
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(State.conflict, _conflict()),
        rx.cond(
            ~State.may_change,
            rx.el.p(
                "You can see this, but only an owner of the team can change it.",
                class_name="rounded-md border border-line bg-sunk px-4 py-3 text-md",
            ),
        ),
        problem_summary(State.refused),
        rx.el.form(
            # A fieldset that is switched off takes every field in it along.
            rx.el.fieldset(
                rx.el.div(
                    _about(),
                    _contact(),
                    class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]",
                ),
                disabled=~State.may_change,
                class_name="min-w-0",
            ),
            on_submit=State.save,
            id=FORM,
            key=f"profile-{State.loads}",
            no_validate=True,
        ),
        class_name="grid gap-6 [&>[role=alert]:empty]:hidden",
    )


def _about() -> rx.Component:
    view: Any = State.view
    return rx.el.div(
        section_card(
            "About you",
            rx.el.div(
                _field("Name", "name", max_length=120, required=True),
                markdown_field(
                    "Description",
                    "description",
                    preview=State.preview,
                    on_write=State.look.debounce(600),
                    error=State.errors["description"],
                    default_value=State.view.description,
                    max_length=LONGEST_DESCRIPTION,
                ),
                class_name="grid gap-4 p-5",
            ),
            aside=rx.cond(view.verified, badge("Verified", "good"), badge("Not verified", "warn")),
        ),
        class_name="grid min-w-0 gap-6",
    )


def _contact() -> rx.Component:
    return rx.el.div(
        section_card(
            "Where you are",
            rx.el.div(
                _field("City", "city", max_length=100),
                _field("Country", "country", control="select", options=country_choices()),
                class_name="grid gap-4 p-5",
            ),
        ),
        section_card(
            "How to reach you",
            rx.el.div(
                _field("Email", "contact_email", type="email", required=True),
                _field("Phone", "contact_phone", type="tel", hint="With its country code."),
                _field("Website", "website", input_mode="url", placeholder="https://"),
                class_name="grid gap-4 p-5",
            ),
        ),
        section_card(
            "Languages you speak",
            rx.el.fieldset(
                rx.el.legend("Languages", class_name="sr-only"),
                rx.el.div(
                    rx.foreach(State.languages, _language),
                    class_name="grid grid-cols-2 gap-x-4 gap-y-2.5",
                ),
                field_error("field-languages", State.errors["languages"]),
                class_name="max-h-80 overflow-y-auto p-5",
            ),
        ),
        class_name="grid min-w-0 gap-6",
    )


def _field(label: str, name: str, **props: Any) -> rx.Component:
    view: Any = State.view
    return field(label, name, error=State.errors[name], default_value=getattr(view, name), **props)


def _language(language: rx.Var[Language]) -> rx.Component:
    one: Any = language
    name = "language-" + one.code.to(str)
    return checkbox(one.name, name, field_id=name, default_checked=one.spoken)


def _conflict() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                "Somebody else has changed the profile since you opened it",
                class_name="font-strong",
            ),
            rx.el.p(
                "Nothing was overwritten. Reload to see their version; what you typed is then"
                " gone, so copy it first if you need it.",
                class_name="mt-1 text-soft",
            ),
            class_name="min-w-0 flex-[1_1_20rem]",
        ),
        button("Reload", on_click=State.open),
        role="alert",
        class_name="flex flex-wrap items-center justify-between gap-4 rounded-lg border "
        "border-bad/40 bg-bad-soft px-5 py-4",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        card(skeleton_fields(4), extra="min-h-[420px]"),
        bone("h-80 w-full !rounded-lg"),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]",
    )
