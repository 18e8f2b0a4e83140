"""The form of the checkout."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.choices import combobox, radio_card, radio_cards
from ecosystem.pages.components.forms import (
    checkbox,
    date_field,
    field,
    problem_summary,
)
from ecosystem.pages.components.trips import countdown, local_time, policy_rows
from ecosystem.pages.components.values import sentence, when
from ecosystem.state.checkout import CheckoutState

S: Any = CheckoutState  # whose fields are Vars when a page is drawn
V, A, K, W = S.view, S.amounts, S.kept, S.wrong
NOTE = "mt-5 rounded-md border border-warn/40 bg-warn-soft px-4 py-3"
PAIRS = "grid gap-4 sm:grid-cols-2"
CHOSEN: dict[str, Any] = {"data-refilled": rx.cond(S.client.drawn > 0, "yes", "")}
"""What a client filled in is not written over by what was typed before (``drafts.js``)."""


def checkout_form() -> rx.Component:
    """Draw it, from the time that is left down to the cancellation policy."""
    return rx.el.div(
        rx.el.h1(_("Who is travelling?"), class_name="font-serif text-h2 tracking-[-0.01em]"),
        _time_left(),
        _said(),
        when(S.client.agent, _client()),
        rx.el.form(
            rx.el.div(
                problem_summary(W.whole),
                class_name="empty:hidden [&>div]:mb-5 [&>div:empty]:hidden",
            ),
            when(
                S.client.id != "",
                rx.el.input(type="hidden", name="client_id", value=S.client.id),
            ),
            _lead(),
            when(S.travellers.length() > 0, _others()),
            when(A.extras.length() > 0, _extras()),
            rx.el.div(_how_much(), class_name="mt-7"),
            _consent(),
            rx.el.div(
                button(
                    rx.cond(
                        A.on_account,
                        _("Book on account"),
                        rx.cond(S.how == "deposit", _pay(A.deposit), _pay(A.total)),
                    ),
                    type="submit",
                    kind="primary",
                    busy=S.busy,
                    extra="!h-11 !px-6",
                ),
                _terms(),
                class_name="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2.5",
            ),
            rx.el.p(
                rx.cond(
                    A.on_account,
                    _(
                        "Nothing is paid now: the seats are confirmed at once, your agency owes the "
                        "net price, and your client is told no amounts."
                    ),
                    _(
                        "You pay on Stripe’s page and come back here. If the card is declined, your "
                        "seats stay yours."
                    ),
                ),
                class_name="mt-3 max-w-[64ch] text-sm text-soft",
            ),
            on_submit=S.pay,
            no_validate=True,
            class_name="mt-6",
            custom_attrs={"data-draft": "checkout"},
        ),
        rx.el.section(
            rx.el.h2(_("If plans change"), class_name="mb-3 font-serif text-[24px]"),
            policy_rows(V.policy),
            class_name="mt-10",
        ),
    )


def _time_left() -> rx.Component:
    return rx.el.div(
        countdown(K.seconds.to_string(), K.until + K.seconds.to_string(), S.open),
        rx.el.p(
            K.before,
            local_time(K.until, K.until_utc),
            K.after,
            " ",
            when(
                K.more,
                rx.el.button(
                    _("Keep them 10 minutes longer"),
                    type="button",
                    on_click=S.extend,
                    class_name="text-start text-ink underline decoration-edge underline-offset-3 "
                    "hover:decoration-current",
                ),
            ),
        ),
        class_name="mt-3 flex items-baseline gap-2.5 text-soft",
    )


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
                        time=local_time(K.until, K.until_utc),
                    ),
                    class_name="text-md",
                ),
                class_name=NOTE,
            ),
        ),
        role="alert",
    )


def _client() -> rx.Component:
    """For an agent: whose booking it is. Chosen, it fills in what is known."""
    client = S.client
    return rx.el.div(
        rx.cond(
            client.id != "",
            rx.el.div(
                rx.el.p(
                    sentence(
                        _("You book for {name}."),
                        name=link(client.name, href="/agent/clients/" + client.id.to(str)),
                    ),
                    class_name="min-w-0 [overflow-wrap:anywhere]",
                ),
                button(_("Somebody else"), size="sm", on_click=S.no_client),
                class_name="flex flex-wrap items-center justify-between gap-3 rounded-md border "
                "border-line bg-sunk px-4 py-3",
            ),
            combobox(
                _("Client"),
                "client_id",
                S.found,
                filter_by="server",
                on_search=S.find_client.debounce(200),
                on_choose=lambda one: S.choose_client(one["value"]),
                hint=_("From your clients; leave it empty to book without one."),
                error=client.problem,
                placeholder=_("Name, e-mail or telephone"),
            ),
        ),
        class_name="mt-6",
    )


def _lead() -> rx.Component:
    return rx.el.div(
        field(
            _("Full name"),
            "name",
            default_value=V.name,
            error=W.name,
            auto_complete="name",
            custom_attrs=CHOSEN,
            hint=_("As in the passport"),
        ),
        when(
            V.birth_dates,
            date_field(
                _("Date of birth"),
                "birth_date",
                default_value=V.birth_date,
                error=W.birth_date,
                auto_complete="bday",
                custom_attrs=CHOSEN,
            ),
        ),
        field(
            _("Email"),
            "email",
            type="email",
            default_value=V.email,
            error=W.email,
            auto_complete="email",
            custom_attrs=CHOSEN,
            hint=_("The confirmation goes there"),
        ),
        field(
            _("Phone"),
            "phone",
            type="tel",
            default_value=V.phone,
            error=W.phone,
            auto_complete="tel",
            custom_attrs=CHOSEN,
            hint=_("If you like: for the days of the trip"),
        ),
        class_name=PAIRS,
        key="lead-" + S.client.drawn.to(str),
    )


def _others() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Who comes along"), class_name="mb-2 font-strong"),
        rx.el.div(
            rx.foreach(
                S.travellers,
                lambda other: rx.fragment(
                    field(
                        other.label,
                        other.name,
                        field_id=f"field-{other.name}",
                        default_value=other.value,
                        error=other.error,
                        auto_complete="off",
                        custom_attrs=CHOSEN,
                    ),
                    when(
                        V.birth_dates,
                        date_field(
                            other.born_label,
                            other.born,
                            field_id=f"field-{other.born}",
                            default_value=other.birth_date,
                            error=other.birth_error,
                            auto_complete="off",
                            custom_attrs=CHOSEN,
                        ),
                    ),
                ),
            ),
            class_name=PAIRS,
            key="others-" + S.client.drawn.to(str),
        ),
        rx.el.p(
            rx.cond(
                V.birth_dates,
                _("As in the passports. The operator needs everybody's name and date of birth."),
                _("As in the passports. Leave a name empty if it is not settled yet."),
            ),
            class_name="mt-2 text-sm text-soft",
        ),
        class_name="mt-7 min-w-0",
    )


def _extras() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Extras"), class_name="mb-2 font-strong"),
        rx.el.div(
            rx.foreach(
                A.extras,
                lambda extra: checkbox(
                    extra.name,
                    "extras",
                    hint=rx.fragment(
                        extra.price,
                        rx.cond(
                            extra.cost != "",
                            rx.el.span(" · ", extra.cost, class_name="tabular-nums"),
                        ),
                        rx.cond(extra.detail != "", rx.el.span(extra.detail, class_name="block")),
                    ),
                    field_id=f"extra-{extra.key}",
                    checked=extra.taken,
                    disabled=S.busy,
                    on_change=lambda _checked: S.toggle(extra.key),
                ),
            ),
            class_name="grid gap-2.5",
        ),
        class_name="mt-7 min-w-0",
    )


def _how_much() -> rx.Component:
    return when(
        A.deposit != "",
        radio_cards(
            _("How much now?"),
            radio_card(
                _("Deposit, {amount}").format(amount=A.deposit),
                _("the rest, {amount}, is due on {day}").format(amount=A.rest, day=A.rest_due),
                name="pay",
                value="deposit",
                checked=S.how == "deposit",
                on_change=S.choose("deposit"),
            ),
            radio_card(
                _("Everything, {amount}").format(amount=A.total),
                name="pay",
                value="full",
                checked=S.how == "full",
                on_change=S.choose("full"),
            ),
        ),
    )


def _consent() -> rx.Component:
    """A price that is not the one that was shown: paying it is agreeing to it."""
    return rx.el.div(
        when(
            S.consent != "",
            rx.el.div(
                rx.el.p(S.consent, class_name="font-strong"),
                rx.el.p(
                    _("Look at it once more. If you agree, pay as it stands now."),
                    class_name="text-md",
                ),
                class_name=NOTE,
            ),
        ),
        role="alert",
    )


def _terms() -> rx.Component:
    """Beside the button: whoever presses it has read what that means."""
    terms = link(_("terms"), href="/terms", target="_blank")
    return rx.el.p(
        rx.cond(
            A.on_account,
            sentence(_("By booking you accept the {terms}."), terms=terms),
            sentence(_("By paying you accept the {terms}."), terms=terms),
        ),
        class_name="text-md",
    )
