"""Proposals in words, for the pages of an agent's desk."""

from dataclasses import dataclass, field

from ecosystem.domain.money import Money
from ecosystem.domain.quotes import (
    FreeItem,
    Option,
    QuoteComment,
    QuoteRow,
    QuoteStatus,
    QuoteView,
    TripItem,
)
from ecosystem.state import formats
from ecosystem.state.proposal.words import BookingCard, CommentLine, booking_card, sums

PATH = "/agent/quotes"

STATUS: dict[str, tuple[str, str]] = {
    "draft": ("Draft", "plain"),
    "sent": ("Sent", "brand"),
    "opened": ("Opened", "brand"),
    "accepted": ("Accepted", "good"),
    "declined": ("Declined", "bad"),
    "withdrawn": ("Withdrawn", "plain"),
    "expired": ("Expired", "plain"),
}


@dataclass(frozen=True)
class QuoteLine:
    """A row of the list."""

    href: str = ""
    number: str = ""
    title: str = ""
    client: str = ""
    agent: str = ""
    status: str = ""
    tone: str = ""
    worth: str = ""
    valid: str = ""
    unread: str = ""


@dataclass(frozen=True)
class ItemLine:
    """An item of an option. ``commission`` and ``net``, what the agency buys it for, are empty for
    whoever may not see them."""

    key: str = ""
    title: str = ""
    detail: str = ""
    note: str = ""
    amount: str = ""
    commission: str = ""
    net: str = ""
    href: str = ""
    trip: bool = False


@dataclass(frozen=True)
class OptionLine:
    key: str = ""
    title: str = ""
    note: str = ""
    total: str = ""
    now: str = ""
    to_agency: str = ""
    commission: str = ""
    taken: bool = False
    items: list[ItemLine] = field(default_factory=list)


@dataclass(frozen=True)
class QuotePage:
    """A proposal as its editor shows it. ``said`` is what happened to it, line by line."""

    number: str = ""
    title: str = ""
    status: str = ""
    tone: str = ""
    client: str = ""
    client_href: str = ""
    client_email: str = ""
    cover: str = ""
    language: str = "en"
    pay: str = "deposit"
    valid_until: str = ""
    url: str = ""
    changed: bool = False
    was_sent: bool = False
    open: bool = True
    can_withdraw: bool = False
    options: list[OptionLine] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    comments: list[CommentLine] = field(default_factory=list)
    bookings: list[BookingCard] = field(default_factory=list)


def status_of(status: QuoteStatus) -> tuple[str, str]:
    """The word for a state and its tone."""
    return STATUS[status]


def quote_line(row: QuoteRow) -> QuoteLine:
    word, tone = status_of(row.status)
    return QuoteLine(
        href=f"{PATH}/{row.id}",
        number=row.number,
        title=row.title,
        client=row.client_name,
        agent=row.agent_name,
        status=word,
        tone=tone,
        worth=sums(row.worth),
        valid=formats.day(row.valid_until) if row.status in ("sent", "opened") else "",
        unread=f"{row.unread} new" if row.unread else "",
    )


def quote_page(view: QuoteView, *, sees_commission: bool) -> QuotePage:
    """The editor's page of a proposal."""
    word, tone = status_of(view.status)
    return QuotePage(
        number=view.number,
        title=view.title,
        status=word,
        tone=tone,
        client=view.client_name,
        client_href=f"/agent/clients/{view.client_id}",
        client_email=view.client_email,
        cover=view.content.cover,
        language=view.language,
        pay=view.pay,
        valid_until=view.valid_until.isoformat(),
        url=view.url,
        changed=view.changed,
        was_sent=bool(view.versions),
        open=view.status != "accepted",
        can_withdraw=view.status in ("sent", "opened"),
        options=[_option(o, view, sees_commission) for o in view.content.options],
        said=_history(view),
        comments=[_comment(comment) for comment in view.comments],
        bookings=[booking_card(booking) for booking in view.bookings],
    )


def _option(option: Option, view: QuoteView, sees_commission: bool) -> OptionLine:
    total, now = sums(option.paid_here), sums(option.now)
    return OptionLine(
        key=option.id,
        title=option.title,
        note=option.note,
        total=total,
        now=now if view.pay == "deposit" and now != total else "",
        to_agency=sums(option.paid_to_agency),
        commission=sums(option.commission) if sees_commission else "",
        taken=view.status == "accepted" and view.accepted_option == option.id,
        items=[_item(item, sees_commission) for item in option.items],
    )


def _item(item: TripItem | FreeItem, sees_commission: bool) -> ItemLine:
    if isinstance(item, FreeItem):
        detail = f"{item.quantity} ×, paid to the agency" if item.each else "included"
        return ItemLine(
            key=item.id,
            title=item.title,
            detail=detail,
            note=item.text,
            amount=formats.money(item.price) if item.each else "",
        )
    shown = item.shown
    days = formats.days(shown.starts_on, shown.ends_on)
    (commission,) = Option(id="", title="", items=(item,)).commission
    return ItemLine(
        key=item.id,
        title=shown.title,
        detail=f"{days} · {formats.people(item.party)} · {shown.operator}",
        note=item.note,
        amount=formats.money(shown.price),
        commission=formats.money(commission) if sees_commission else "",
        net=formats.money(Money(shown.net, shown.currency))
        # Where a commission is earned there is nothing the agency buys.
        if sees_commission and shown.model in ("net", "agency_collects")
        else "",
        href=f"/packages/{shown.slug}",
        trip=True,
    )


def _history(view: QuoteView) -> list[str]:
    said = [
        f"Version {version.number} sent by {version.sent_by}, {formats.moment(version.sent_at)} UTC"
        for version in view.versions
    ]
    if view.last_opened_at is not None:
        times = "once" if view.opened_count == 1 else f"{view.opened_count} times"
        said.insert(0, f"Opened {times}, last {formats.moment(view.last_opened_at)} UTC")
    if view.accepted_at is not None and view.status == "accepted":
        at = formats.moment(view.accepted_at)
        said.insert(0, f"Accepted by {view.accepted_name}, {at} UTC")
    if view.closed_reason:
        said.insert(0, f"{status_of(view.status)[0]}: “{view.closed_reason}”")
    return said


def _comment(comment: QuoteComment) -> CommentLine:
    return CommentLine(
        key=str(comment.id),
        mine=comment.mine,
        name=comment.name,
        text=comment.text,
        at=f"{formats.moment(comment.at)} UTC",
    )
