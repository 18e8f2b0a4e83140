"""What a form has to say when its page is opened again: what is wrong, what was typed.

The note travels in the address, sealed: nobody else can write one or read the address in it.
A password is never in it.
"""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

LIFETIME = timedelta(minutes=15)
REFILLED = ("email", "name", "role", "organisation", "country")
LONGEST_VALUE = 200
LONGEST_CODE = 20
LONGEST_NOTE = 6_000


@dataclass(frozen=True)
class FormNote:
    """``done`` is good news; ``problem`` concerns the whole form; ``fields`` one each."""

    code: str = ""
    problem: str = ""
    done: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_error(cls, error: EcosystemError, sent: dict[str, Any]) -> "FormNote":
        """What went wrong with what was sent."""
        fields: dict[str, str] = {}
        for item in error.fields:
            fields.setdefault(item.field, item.message)
        return cls(
            code=error.code,
            problem="" if fields else error.detail,
            fields=fields,
            values=refill(sent) | _good_code(sent, fields),
        )


def refill(sent: dict[str, Any]) -> dict[str, str]:
    """What may be filled in again of what was sent."""
    return {
        name: value[:LONGEST_VALUE]
        for name in REFILLED
        if isinstance(value := sent.get(name), str) and value
    }


def _good_code(sent: dict[str, Any], wrong: dict[str, str]) -> dict[str, str]:
    """The mailed code beside a new password that is not good enough: it need not be typed again."""
    code = sent.get("code")
    if "password" in wrong and "code" not in wrong and isinstance(code, str):
        return {"code": code[:LONGEST_CODE]}
    return {}


class FormNotes:
    """Seals notes and reads them again."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def seal(self, note: FormNote) -> str:
        """The note as one word of an address."""
        return self._sealer.seal(asdict(note), self._clock.now())

    def read(self, sealed: object) -> FormNote:
        """The note, or an empty one if it is none of ours or too old."""
        if not isinstance(sealed, str) or not 0 < len(sealed) <= LONGEST_NOTE:
            return FormNote()
        value = self._sealer.unseal(sealed, self._clock.now(), LIFETIME)
        return FormNote(**value) if isinstance(value, dict) else FormNote()
