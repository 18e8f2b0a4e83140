"""An operator's own pictures: a file goes straight to the store, the rest goes here."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from ecosystem.api.auth import Caller
from ecosystem.domain.pictures import MOST_PICTURES, PICTURE_WIDTHS, PictureView
from ecosystem.services.forms import Form
from ecosystem.services.package_pictures import PictureStart
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me", tags=["own pictures"])


class AltForm(Form):
    """``alt``: what is to be seen."""

    alt: str = Field(max_length=1000)


class OrderForm(Form):
    """All pictures of the package, the cover first."""

    ids: tuple[UUID, ...] = Field(max_length=MOST_PICTURES)


def picture(view: PictureView) -> dict[str, Any]:
    """A picture as the API shows it, with the addresses of its sizes."""
    return {
        "id": str(view.id),
        "alt": view.alt,
        "width": view.width,
        "height": view.height,
        "urls": {str(width): f"/pictures/{view.id}/{width}.webp" for width in PICTURE_WIDTHS},
    }


@router.get("/packages/{package_id}/pictures")
def own_pictures(caller: Caller, package_id: UUID) -> dict[str, Any]:
    """The pictures of one of the operator's packages in their order; the first is its cover."""
    rows = services().pictures.own(caller, package_id)
    return {"items": [picture(row) for row in rows], "next": None}


@router.post("/packages/{package_id}/pictures", status_code=201)
def start_picture(caller: Caller, package_id: UUID, form: PictureStart) -> dict[str, Any]:
    """Begin with one file: post ``upload.fields`` and then ``file`` to ``upload.url`` as
    ``multipart/form-data`` within the hour, then finish. ``size`` is in bytes, at most 10 MB."""
    made = services().pictures.start(caller, package_id, form)
    return {"id": str(made.picture_id), "upload": {"url": made.url, "fields": made.fields}}


@router.post("/pictures/{picture_id}/finish")
def finish_picture(caller: Caller, picture_id: UUID) -> dict[str, Any]:
    """Have a file that was sent looked at, and show it. Can be repeated.

    409 ``not_uploaded``: it has not arrived. 422 ``bad_picture`` says what is wrong with it.
    """
    return picture(services().pictures.finish(caller, picture_id))


@router.patch("/pictures/{picture_id}")
def describe_picture(caller: Caller, picture_id: UUID, form: AltForm) -> dict[str, Any]:
    """Write what is to be seen, for people who can't see it."""
    return picture(services().pictures.describe(caller, picture_id, form.alt))


@router.put("/packages/{package_id}/pictures/order")
def arrange_pictures(caller: Caller, package_id: UUID, form: OrderForm) -> dict[str, Any]:
    """Put all of them into this order. 409 ``edited_elsewhere``: these are not the ones it has."""
    rows = services().pictures.arrange(caller, package_id, form.ids)
    return {"items": [picture(row) for row in rows], "next": None}


@router.delete("/pictures/{picture_id}", status_code=204)
def remove_picture(caller: Caller, picture_id: UUID) -> Response:
    """Take a picture off. For an hour it can be restored."""
    services().pictures.remove(caller, picture_id)
    return Response(status_code=204)


@router.post("/pictures/{picture_id}/restore")
def restore_picture(caller: Caller, picture_id: UUID) -> dict[str, Any]:
    """Bring a picture back that was taken off within the hour."""
    return picture(services().pictures.restore(caller, picture_id))
