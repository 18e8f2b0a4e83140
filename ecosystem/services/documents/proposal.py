"""A proposal on paper: what is offered, at what price, and where it is accepted."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ecosystem.domain import formats
from ecosystem.domain.cancellation import dated
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price_words import label
from ecosystem.domain.quotes import Content, FreeItem, Option, TripItem
from ecosystem.services.documents.paper import Column, Paper
from ecosystem.services.places.countries import country_name


@dataclass(frozen=True)
class Sheet:
    """A proposal as it is printed. ``address`` is where the client accepts it, empty for a draft;
    ``accent`` and ``logo`` (a PNG) are the agency's, empty for none."""

    number: str
    title: str
    client: str
    agent: str
    agent_email: str
    agency: str
    valid_until: date
    deposit: bool
    content: Content
    address: str
    accent: str
    logo: bytes
    made: datetime


def proposal(sheet: Sheet) -> bytes:
    """A PDF in the language of the context."""
    paper = Paper(
        sheet.title,
        made=sheet.made,
        sender=sheet.agency,
        foot=f"{sheet.agency} · {sheet.number}",
        code=sheet.address,
        accent=sheet.accent,
        logo=sheet.logo,
    )
    paper.below_code()
    paper.facts(
        [
            (_("For"), sheet.client),
            (_("From"), ", ".join(part for part in (sheet.agent, sheet.agent_email) if part)),
            (_("Valid until"), formats.weekday(sheet.valid_until)),
            (_("Number"), sheet.number),
        ]
    )
    for paragraph in sheet.content.cover.split("\n\n"):
        if paragraph.strip():
            paper.text(paragraph.strip())
    for option in sheet.content.options:
        _option(paper, option, sheet)
    if sheet.address:
        paper.gap()
        paper.text(
            _("Look at it, ask about it and accept it at {address}").format(address=sheet.address),
            quiet=True,
        )
    return paper.finished()


def _option(paper: Paper, option: Option, sheet: Sheet) -> None:
    paper.heading(option.title)
    if option.note:
        paper.text(option.note, quiet=True)
    # As the agent has put them, not trips first: the order is the story that is told.
    for item in option.items:
        if isinstance(item, TripItem):
            _trip(paper, item)
        else:
            _extra(paper, item, sheet.agency)
    now, total = _sums(option.now), _sums(option.paid_here)
    paper.facts(
        [
            (_("To pay here"), total),
            (_("On accepting"), now if sheet.deposit and now != total else ""),
            (_("Paid to {agency}").format(agency=sheet.agency), _sums(option.paid_to_agency)),
        ],
        label_width=70,
    )


def _trip(paper: Paper, item: TripItem) -> None:
    shown = item.shown
    paper.gap(2)
    paper.text(shown.title, bold=True)
    paper.text(
        " · ".join(
            (
                formats.days(shown.starts_on, shown.ends_on),
                formats.nights(shown.nights),
                formats.people(item.party),
                shown.operator,
            )
        ),
        quiet=True,
    )
    for words in (item.note, shown.summary):
        if words:
            paper.text(words)
    _stays(paper, item)
    paper.facts(
        [(label(line), formats.money(line.amount)) for line in shown.parts.lines], label_width=110
    )
    paper.facts([(_("Total"), formats.money(shown.price))], label_width=110)
    if shown.excluded:
        paper.facts([(_("Not included"), ", ".join(shown.excluded))])
    paper.facts([(_("If plans change"), _policy(item))])


def _stays(paper: Paper, item: TripItem) -> None:
    rows: list[tuple[str, ...]] = []
    first = item.shown.starts_on
    for stay in item.shown.stays:
        last = first + timedelta(days=stay.nights)
        place = f"{stay.city}, {country_name(stay.country)}"
        rows.append((formats.days(first, last), place, stay.hotel_name or ""))
        first = last
    if rows:
        paper.table((Column(_("Dates"), 2), Column(_("Place"), 2.4), Column(_("Hotel"), 2.6)), rows)


def _policy(item: TripItem) -> str:
    parts: list[str] = []
    for tier in dated(item.shown.policy, item.shown.starts_on):
        if tier.last is None:
            parts.append(_("then nothing back"))
        else:
            parts.append(
                _("until {day} {share} back").format(
                    day=formats.full_day(tier.last), share=formats.percent(tier.refund_percent)
                )
            )
    return "; ".join(parts)


def _extra(paper: Paper, item: FreeItem, agency: str) -> None:
    title = item.title if item.quantity == 1 else f"{item.quantity} × {item.title}"
    paper.gap(2)
    paper.text(title, bold=True)
    if item.text:
        paper.text(item.text)
    amount = formats.money(item.price) if item.each else _("included")
    paper.facts([(_("Arranged by {agency}").format(agency=agency), amount)], label_width=110)


def _sums(amounts: tuple[Money, ...]) -> str:
    return " + ".join(formats.money(amount) for amount in amounts)
