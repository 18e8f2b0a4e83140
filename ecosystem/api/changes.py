"""Changes of bookings: cancelled in whole or part, moved to another date."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.api.repeating import Key, once
from ecosystem.domain.changes import (
    ChangeDone,
    ChangePreview,
    ChangeView,
    DateChoice,
    NewDate,
    OneAddon,
    OneTraveller,
    RefundView,
    What,
    WholeBooking,
)
from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.services.forms import Amount, CancellationForm, DateChangeForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/bookings/{reference}", tags=["changes of bookings"])

Link = Annotated[str, Query(alias="key", max_length=100)]
Traveller = Annotated[int | None, Query(ge=1, le=100)]
Looking = [Depends(limited("reference"))]
Changing = [Depends(limited("book"))]


@router.get("/cancellation", dependencies=Looking)
def preview_cancellation(
    caller: Caller,
    reference: str,
    traveller: Traveller = None,
    addon: UUID | None = None,
    key: Link = "",
) -> dict[str, Any]:
    """What cancelling the booking, one ``traveller`` or one ``addon`` would come to now."""
    what = _part(traveller, addon)
    return _preview(services().changes.preview(caller, reference[:40], what, key=key))


@router.post("/cancellation", dependencies=Changing)
def cancel(
    request: Request,
    caller: Caller,
    reference: str,
    form: CancellationForm | None = None,
    traveller: Traveller = None,
    addon: UUID | None = None,
    key: Link = "",
    idempotency_key: Key = None,
) -> JSONResponse:
    """Cancel the booking, one traveller or one add-on; the refund is on its way.

    A traveller is asked for with the ``revision`` that the preview said: the numbers of the
    others change when one is gone, and the same request again must not take another one off.
    """
    what, given = _part(traveller, addon), form or CancellationForm()
    if isinstance(what, OneTraveller) and given.revision is None:
        raise Invalid.one(
            "revision", "Send the revision that the preview said: numbers of travellers change."
        )

    def act() -> tuple[int, dict[str, Any]]:
        done = services().changes.carry_out(
            caller,
            reference[:40],
            what,
            key=key,
            expected_refund=_money(given.expected_refund),
            revision=given.revision,
            reason=given.reason,
        )
        return 200, _done(done)

    asked = (reference, what, given)
    return once("cancellation", request, caller, idempotency_key, act, *asked, link=key)


@router.get("/date-change", dependencies=Looking)
def dates(
    caller: Caller, reference: str, departure_id: UUID | None = None, key: Link = ""
) -> dict[str, Any]:
    """The dates the booking can move to; with ``departure_id`` what moving there comes to."""
    changes = services().changes
    if departure_id is not None:
        what = NewDate(departure_id)
        return _preview(changes.preview(caller, reference[:40], what, key=key))
    return {"items": _choices(changes.dates(caller, reference[:40], key=key, limit=100))}


@router.post("/date-change", dependencies=Changing)
def move(
    request: Request,
    caller: Caller,
    reference: str,
    form: DateChangeForm,
    key: Link = "",
    idempotency_key: Key = None,
) -> JSONResponse:
    """Move to another date. A dearer one is kept until its difference is paid at ``pay_url``."""

    def act() -> tuple[int, dict[str, Any]]:
        done = services().changes.carry_out(
            caller,
            reference[:40],
            NewDate(form.departure_id),
            key=key,
            expected_refund=_money(form.expected_refund),
            expected_to_pay=_money(form.expected_to_pay),
            revision=form.revision,
            reason=form.reason,
        )
        return 200, _done(done)

    return once("date-change", request, caller, idempotency_key, act, reference, form, link=key)


@router.delete("/date-change/{change_id}", status_code=204, dependencies=Changing)
def give_up(caller: Caller, reference: str, change_id: UUID, key: Link = "") -> Response:
    """Give a date up that waits for its difference; its seats go back."""
    services().changes.drop(caller, reference[:40], change_id, key=key)
    return Response(status_code=204)


@router.get("/changes", dependencies=Looking)
def history(caller: Caller, reference: str, key: Link = "") -> dict[str, Any]:
    """What was changed, newest first, with how far each refund is."""
    found = services().changes.history(caller, reference[:40], key=key)
    return {"items": [_change(change) for change in found]}


def _part(traveller: int | None, addon: UUID | None) -> What:
    if traveller is not None and addon is not None:
        raise Invalid.one("addon", _("Cancel a traveller or an extra, one at a time."))
    if traveller is not None:
        return OneTraveller(traveller)
    return WholeBooking() if addon is None else OneAddon(addon)


def _money(amount: Amount | None) -> Money | None:
    return None if amount is None else amount.money


def _preview(shown: ChangePreview) -> dict[str, Any]:
    return {
        "reference": shown.reference,
        "kind": shown.kind,
        "status": shown.status,
        "before": shapes.money(shown.before),
        "after": shapes.money(shown.after),
        "refund": shapes.money(shown.refund),
        "retained": shapes.money(shown.retained),
        "to_pay": shapes.money(shown.to_pay),
        "added_to_balance": shapes.money(shown.added_to_balance),
        "refund_percent": shown.percent,
        "lines": [
            {"code": line.code, "label": line.label, "amount": shapes.money(line.amount)}
            for line in shown.lines
        ],
        "policy": shapes.policy(shown.policy),
        "price": None if shown.price is None else shapes.price(shown.price),
        "departure": {"starts_on": str(shown.starts_on), "ends_on": str(shown.ends_on)},
        "revision": shown.revision,
    }


def _done(done: ChangeDone) -> dict[str, Any]:
    pay_url = f"{services().settings.origin}{done.pay_path}" if done.pay_path else None
    return _preview(done.preview) | {
        "id": str(done.id),
        "state": done.state,
        "status": done.status,
        "pay_url": pay_url,
        "held_until": shapes.instant(done.held_until),
    }


def _choices(found: Sequence[DateChoice]) -> list[dict[str, Any]]:
    return [
        {
            "departure_id": str(one.departure_id),
            "starts_on": str(one.starts_on),
            "ends_on": str(one.ends_on),
            "seats_left": one.seats_left,
            "total": shapes.money(one.total),
            "difference": shapes.money(one.difference),
        }
        for one in found
    ]


def _change(view: ChangeView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "kind": view.kind,
        "by": view.by,
        "state": view.state,
        "subject": view.subject,
        "before": shapes.money(view.before),
        "after": shapes.money(view.after),
        "refund": shapes.money(view.refund),
        "retained": shapes.money(view.retained),
        "reason": view.reason,
        "at": shapes.instant(view.at),
        "refunds": [_refund(refund) for refund in view.refunds],
    }


def _refund(view: RefundView) -> dict[str, Any]:
    return {
        "amount": shapes.money(view.amount),
        "state": view.state,
        "at": shapes.instant(view.at),
    }
