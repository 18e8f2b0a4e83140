"""What can go wrong, by category. Each error carries data, no formatting.

The REST API maps a category to a status once (``api/errors.py``) and pages map
it to a field error or a toast once (``state/calling.py``). ``detail`` is a
sentence for a person: what happened, what it means, what to do.

    EcosystemError
    ├── Invalid            422  a value is wrong; ``fields`` say which
    ├── SignInRequired     401  nobody is signed in
    ├── Forbidden          403  signed in, but this is not theirs to do
    ├── NotFound           404  no such thing, or somebody else's
    ├── Conflict           409  true a moment ago, not any more
    ├── Gone               410  it was there and has ended
    ├── TooManyRequests    429  slow down
    └── Unavailable        503  a part we depend on does not answer; try again
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong value. ``field`` is its dotted path as the sender wrote it."""

    field: str
    message: str


class EcosystemError(Exception):
    """The root. Catch a category, never this, unless you map all of them."""

    category = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        fields: tuple[FieldError, ...] = (),
        **data: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.category
        self.fields = fields
        self.data = data


class Invalid(EcosystemError):
    """A value is wrong. ``fields`` names each one."""

    category = "invalid"

    @classmethod
    def one(cls, field: str, message: str, *, code: str | None = None) -> "Invalid":
        """The common case: a single field with its message."""
        return cls(message, code=code, fields=(FieldError(field, message),))


class SignInRequired(EcosystemError):
    """Nobody is signed in, or the session has ended."""

    category = "sign_in_required"


class Forbidden(EcosystemError):
    """The caller is known and may not do this."""

    category = "forbidden"


class NotFound(EcosystemError):
    """There is no such thing, or it belongs to somebody else: both look the same."""

    category = "not_found"


class Conflict(EcosystemError):
    """The state has changed: sold out, edited by another, key used for another body."""

    category = "conflict"


class Gone(EcosystemError):
    """It existed and has ended: an expired hold, a used link."""

    category = "gone"


class TooManyRequests(EcosystemError):
    """A rate limit. ``data["retry_after"]`` is in whole seconds."""

    category = "too_many_requests"


class Unavailable(EcosystemError):
    """A dependency does not answer. Nothing was changed; trying again is safe."""

    category = "unavailable"
