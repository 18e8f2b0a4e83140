"""The European Central Bank's euro reference rates, as its daily XML file tells them."""

from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from httpx import Client, HTTPError, InvalidURL, Timeout

from ecosystem.domain.currencies import DayRates
from ecosystem.domain.errors import Unavailable

CALL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
LARGEST = 256 * 1024
"""Bytes. The real file has two thousand."""
HIGHEST = Decimal(10) ** 9
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


class Ecb:
    """Implements ``ExchangeRates``. Without an address it has no rates to give."""

    def __init__(self, address: str) -> None:
        self._address = address

    def fetch(self) -> DayRates:
        """The rates of the last working day. Raises ``Unavailable``."""
        if not self._address:
            raise _unavailable("no address is set")
        return read(self._load())

    def _load(self) -> bytes:
        try:
            with (
                Client(timeout=Timeout(CALL_SECONDS, connect=CONNECT_SECONDS)) as client,
                client.stream("GET", self._address) as answer,
            ):
                if answer.status_code != 200:
                    raise _unavailable(f"the answer was {answer.status_code}")
                content = bytearray()
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > LARGEST:
                        raise _unavailable("the answer is too long")
                return bytes(content)
        except (HTTPError, InvalidURL) as error:
            raise _unavailable(type(error).__name__) from error


def read(content: bytes) -> DayRates:
    """The rates in a file of the bank. Raises ``Unavailable`` for anything that is none."""
    # The bank's file defines no entities; one that does is somebody else's.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _unavailable("the answer is not a file of rates")
    try:
        cubes = list(ElementTree.fromstring(content).iter(CUBE))
        day = date.fromisoformat(
            next(cube.attrib["time"] for cube in cubes if "time" in cube.attrib)
        )
        rates = {
            cube.attrib["currency"]: Decimal(cube.attrib["rate"])
            for cube in cubes
            if "currency" in cube.attrib
        }
    except (ElementTree.ParseError, StopIteration, KeyError, ValueError, InvalidOperation) as error:
        raise _unavailable("the answer is not a file of rates") from error
    sound = all(
        len(code) == 3 and code.isascii() and code.isupper() and _sound(rate)
        for code, rate in rates.items()
    )
    if not rates or not sound:
        raise _unavailable("the answer has rates that can't be")
    return DayRates(day, rates)


def _sound(rate: Decimal) -> bool:
    return rate.is_finite() and 1 / HIGHEST < rate < HIGHEST


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        f"The day's exchange rates can't be had ({why}). The last ones we have are shown with"
        " their date.",
    )
