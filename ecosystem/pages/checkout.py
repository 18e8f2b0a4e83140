"""The checkout: who travels, how much now, and on to the payment page."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import radio_card, radio_cards
from ecosystem.pages.components.feedback import bone, error_state, skeleton_fields
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.trips import (
    countdown,
    local_time,
    policy_rows,
    price_note,
    price_rows,
    rate_note,
)
from ecosystem.pages.components.values import sentence, when
from ecosystem.pages.layout import public_page, two_columns
from ecosystem.state.checkout import CheckoutState

S: Any = CheckoutState  # whose fields are Vars when a page is drawn
V = S.view


def page() -> rx.Component:
    """Draw the checkout."""
    return public_page(
        rx.match(
            S.phase,
            ("open", rx.cond(S.is_hydrated, _open(), _coming())),
            ("ended", _ended()),
            ("missing", _missing()),
            ("failed", _failed()),
            _coming(),
        ),
        width="form",
    )


def _coming() -> rx.Component:
    return rx.el.div(
        two_columns(
            rx.el.div(
                bone("h-9 w-64"),
                bone("mt-4 mb-7 h-5 w-80 max-w-full"),
                skeleton_fields(2),
                bone("mt-8 h-36 w-full !rounded-lg"),
            ),
            bone("h-[420px] w-full !rounded-lg"),
        ),
        custom_attrs={"aria-busy": "true"},
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("This reservation is not here"), class_name="font-serif text-h1"),
        rx.el.p(
            _(
                "A reservation can only be opened in the browser, or with the account, that made it. "
                "Nothing was charged."
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button(_("Find a trip"), href="/search", kind="primary"),
            link_button(_("My bookings"), href="/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Checkout"), class_name="sr-only"),
        error_state(
            _("Your reservation could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _ended() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Your reservation has ended"), class_name="font-serif text-h2 md:text-h1"),
        rx.el.p(
            rx.cond(
                S.problem != "",
                S.problem,
                _("The time to pay is over and the seats are on sale again. Nothing was charged."),
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
            role="status",
        ),
        rx.el.div(
            link_button(
                _("Back to {trip}").format(trip=V.title), href=V.package_href, kind="primary"
            ),
            link_button(_("Find another trip"), href="/search"),
            class_name="mt-6 flex flex-wrap gap-3 [&>a]:h-auto [&>a]:min-h-10 [&>a]:py-2 "
            "[&>a]:whitespace-normal",
        ),
    )


def _open() -> rx.Component:
    return rx.fragment(refreshed(S.look, every=30), two_columns(_form(), _summary()))


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.h1(_("Who is travelling?"), class_name="font-serif text-h2 tracking-[-0.01em]"),
        rx.el.p(
            countdown(V.seconds.to_string(), V.until + V.seconds.to_string(), S.open),
            rx.el.span(V.kept, local_time(V.until, V.until_utc), V.kept_after),
            class_name="mt-3 flex items-baseline gap-2.5 text-soft",
        ),
        _said(),
        rx.el.form(
            rx.el.div(
                problem_summary(S.problem),
                class_name="empty:hidden [&>div]:mb-5 [&>div:empty]:hidden",
            ),
            rx.el.div(
                field(
                    _("Full name"),
                    "name",
                    default_value=V.name,
                    error=S.name_error,
                    auto_complete="name",
                    hint=_("As in the passport"),
                ),
                field(
                    _("Email"),
                    "email",
                    type="email",
                    default_value=V.email,
                    error=S.email_error,
                    auto_complete="email",
                    hint=_("The confirmation goes there"),
                ),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            when(S.travellers.length() > 0, _others()),
            rx.el.div(_how_much(), class_name="mt-7"),
            button(
                rx.cond(V.again, _pay(V.fixed), _amount()),
                type="submit",
                kind="primary",
                busy=S.busy,
                extra="mt-6 !h-11 !px-6",
            ),
            rx.el.p(
                _(
                    "You pay on Stripe’s page and come back here. If the card is declined, your "
                    "seats stay yours."
                ),
                class_name="mt-3 max-w-[64ch] text-sm text-soft",
            ),
            on_submit=S.pay,
            no_validate=True,
            class_name="mt-6",
            custom_attrs={"data-draft": ""},
        ),
        rx.el.section(
            rx.el.h2(_("If plans change"), class_name="mb-3 font-serif text-[24px]"),
            policy_rows(V.policy),
            class_name="mt-10",
        ),
    )


def _amount() -> Any:
    return rx.cond(S.how == "deposit", _pay(V.deposit), _pay(V.total))


def _pay(amount: Any) -> str:
    return _("Pay {amount}").format(amount=amount)


def _said() -> rx.Component:
    return rx.el.div(
        when(
            S.said != "",
            rx.el.div(
                rx.el.p(S.said, class_name="font-strong"),
                rx.el.p(
                    sentence(
                        _("Your seats are still held until {time}. You can pay again below."),
                        time=local_time(V.until, V.until_utc),
                    ),
                    class_name="text-md",
                ),
                class_name="mt-5 rounded-md border border-warn/40 bg-warn-soft px-4 py-3",
            ),
        ),
        role="alert",
    )


def _others() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Who comes along"), class_name="mb-2 font-strong"),
        rx.el.div(
            rx.foreach(
                S.travellers,
                lambda other: field(
                    other.label,
                    other.name,
                    field_id=f"field-{other.name}",
                    default_value=other.value,
                    error=other.error,
                    auto_complete="off",
                ),
            ),
            class_name="grid gap-4 sm:grid-cols-2",
        ),
        rx.el.p(
            _("As in the passports. Leave a name empty if it is not settled yet."),
            class_name="mt-2 text-sm text-soft",
        ),
        class_name="mt-7 min-w-0",
    )


def _how_much() -> rx.Component:
    return rx.cond(
        V.again,
        rx.el.div(
            rx.el.p(_("To pay now"), class_name="mb-2 font-strong"),
            rx.el.p(V.rest, class_name="rounded-lg border border-line bg-card px-5 py-4"),
        ),
        rx.cond(
            V.deposit != "",
            radio_cards(
                _("How much now?"),
                radio_card(
                    _("Deposit, {amount}").format(amount=V.deposit),
                    _("the rest, {amount}, is due on {day}").format(amount=V.rest, day=V.rest_due),
                    name="pay",
                    value="deposit",
                    checked=S.how == "deposit",
                    on_change=S.choose("deposit"),
                ),
                radio_card(
                    _("Everything, {amount}").format(amount=V.total),
                    name="pay",
                    value="full",
                    checked=S.how == "full",
                    on_change=S.choose("full"),
                ),
            ),
            rx.fragment(),
        ),
    )


def _summary() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Your trip"), class_name="sr-only"),
        rx.el.img(
            src=V.cover,
            alt="",
            width="800",
            height="500",
            class_name="aspect-[2.2] w-full bg-sunk object-cover",
        ),
        rx.el.div(
            rx.el.h3(
                anchor(V.title, href=V.package_href, class_name="hover:underline"),
                class_name="font-strong break-words",
            ),
            rx.el.p(V.when, " · ", V.party, class_name="mb-3 text-soft"),
            price_rows(V.lines, V.total, price_note(_("All of it back until"), V.all_back)),
            rate_note(S.rate_note, "mt-2"),
            class_name="p-5",
        ),
        class_name="overflow-hidden rounded-lg border border-line bg-card",
    )
