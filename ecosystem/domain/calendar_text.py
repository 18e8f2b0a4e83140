"""iCalendar text (RFC 5545): all-day events that a calendar program can subscribe to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

FOLD_AT = 75
"""Octets of a line without its break (RFC 5545, 3.1)."""
PRODUCT = "-//Ecosystem//Travel marketplace//EN"


@dataclass(frozen=True)
class AllDay:
    """An event of whole days, ``first`` to ``last`` inclusive.

    ``uid`` stays the same for the life of the thing, ``sequence`` never falls; ``changed``
    is when it was last changed. ``cancelled`` events are shown struck out, or not at all.
    ``organizer`` is a name with an e-mail address; messages about single events need one
    (RFC 5546, 3.2.1 and 3.2.5).
    """

    uid: str
    first: date
    last: date
    summary: str
    changed: datetime
    sequence: int = 0
    description: str = ""
    url: str = ""
    cancelled: bool = False
    location: str = ""
    organizer: tuple[str, str] | None = None


def calendar(name: str, events: Sequence[AllDay], *, refresh: timedelta) -> str:
    """A published calendar. The same events give the same text.

    Args:
        name: what programs call it (RFC 7986 and the older ``X-WR-CALNAME``).
        events: in the order in which they stand in the file.
        refresh: how often programs should ask again.
    """
    pause = f"PT{int(refresh.total_seconds() // 60)}M"
    head = [
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{pause}",
        f"X-PUBLISHED-TTL:{pause}",
    ]
    return _file("PUBLISH", head, events)


def message(event: AllDay) -> str:
    """One event to be put into a calendar, or taken out of it if it is ``cancelled``.

    The same ``uid`` with a higher ``sequence`` replaces what a calendar has (RFC 5546, 2.1.4).
    """
    return _file("CANCEL" if event.cancelled else "PUBLISH", [], [event])


def _file(method: str, head: Sequence[str], events: Sequence[AllDay]) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        *head,
    ]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: AllDay) -> list[str]:
    stamp = event.changed.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        # The end of an event is the first moment that is not in it (3.6.1).
        f"DTEND;VALUE=DATE:{event.last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{escaped(event.description)}")
    if event.location:
        lines.append(f"LOCATION:{escaped(event.location)}")
    if event.organizer:
        name, address = event.organizer
        lines.append(f'ORGANIZER;CN="{_parameter(name)}":mailto:{quote(address, safe="@+._-")}')
    if event.url:
        lines.append(f"URL:{quote(event.url, safe=':/?&=%#-._~')}")
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11): ``\\``, ``;``, ``,`` and line breaks escaped."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c for c in lines if c in "\n\t" or (ord(c) >= 0x20 and ord(c) != 0x7F))
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        shown = shown.replace(plain, written)
    return shown


def _parameter(text: str) -> str:
    """A quoted parameter value (RFC 5545, 3.2): neither quotes nor control characters."""
    return "".join(c for c in text.replace('"', "'") if ord(c) >= 0x20 and ord(c) != 0x7F)


def folded(line: str) -> str:
    """A content line in lines of at most 75 octets, never broken inside a character."""
    if len(line) <= FOLD_AT and line.isascii():
        return line
    parts: list[str] = []
    part, size = "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > FOLD_AT:
            parts.append(part)
            part, size = "", 1  # the space that begins the next line counts
        part += char
        size += octets
    return "\r\n ".join([*parts, part])
