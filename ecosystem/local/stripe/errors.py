"""Refusals in the shape that Stripe gives them.

Source of shape, types and statuses: https://docs.stripe.com/api/errors
"""

from typing import Any


class StripeRefusal(Exception):
    """A request that is answered with an error object instead of a result."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "type": type}
        if code:
            self.body["code"] = code
            self.body["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.body["param"] = param
        self.body.update(more)


def missing(kind: str, id: str, *, param: str = "id", status: int = 404) -> StripeRefusal:
    """No object of that kind has this id. A wrong id inside a body is a 400, in the path a 404."""
    return StripeRefusal(
        f"No such {kind}: '{id}'", status=status, code="resource_missing", param=param
    )


def required(param: str) -> StripeRefusal:
    """A parameter that this operation can't do without is not there."""
    return StripeRefusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeRefusal:
    """A value that has the right type and still can't be accepted."""
    return StripeRefusal(message, code=code, param=param)
