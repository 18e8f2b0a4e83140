"""The JSON of the REST API, made from views in this one place (docs/api.md)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ecosystem.domain.agency_terms import Sale
from ecosystem.domain.cancellation import DatedTier
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.split import split
from ecosystem.domain.team import OpenInvitation
from ecosystem.domain.terms import Terms
from ecosystem.domain.views import (
    BookingRow,
    BookingView,
    DepartureView,
    HoldView,
    OperatorView,
    PackageCard,
    PackageView,
    SearchPage,
)


def money(amount: Money) -> dict[str, Any]:
    return {"amount": amount.minor, "currency": amount.currency}


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def card(item: PackageCard) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "slug": item.slug,
        "title": item.title,
        "operator": {"slug": item.operator_slug, "name": item.operator_name},
        "cities": [
            {"name": city.name, "country": city.country, "nights": city.nights}
            for city in item.cities
        ],
        "nights": item.nights,
        "price_from": money(item.price_from),
        "rating": None if item.rating is None else float(item.rating),
        "bookable": item.bookable,
        "next_departure": None if item.next_departure is None else str(item.next_departure),
        "seats_left": item.next_seats_left,
    }


def search_page(page: SearchPage) -> dict[str, Any]:
    return {
        "items": [card(item) for item in page.items],
        "total": page.total,
        "next": page.next,
        "facets": {
            name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
            for name, values in page.facets.items()
        },
    }


def operator(view: OperatorView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "slug": view.slug,
        "name": view.name,
        "description": view.description,
        "country": view.country,
        "city": view.city,
        "languages": list(view.languages),
        "rating": None if view.rating is None else float(view.rating),
        "verified": view.verified,
    }


def package(view: PackageView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "slug": view.slug,
        "title": view.title,
        "summary": view.summary,
        "description": view.description,
        "operator": operator(view.operator),
        "cities": [
            {
                "name": stay.city,
                "country": stay.country,
                "nights": stay.nights,
                "hotel": stay.hotel_name,
                "stars": stay.hotel_stars,
                "board": stay.board,
                "notes": stay.notes,
                "latitude": stay.latitude,
                "longitude": stay.longitude,
                "timezone": stay.timezone,
            }
            for stay in view.stays
        ],
        "nights": view.nights,
        "price_from": money(view.base_price),
        "single_supplement": money(view.single_supplement),
        "child_discount_percent": float(view.child_discount_percent),
        "child_bands": [
            {
                "from_age": band.from_age,
                "to_age": band.to_age,
                "discount_percent": float(band.discount_percent),
            }
            for band in view.child_bands
        ],
        "occupancy_prices": {str(n): money(each) for n, each in view.occupancy.items()},
        "deposit_percent": view.deposit_percent,
        "max_travellers": view.max_travellers,
        "cancellation_policy": list(view.policy),
        "highlights": list(view.highlights),
        "tags": list(view.tags),
        "addons": [
            {
                "id": str(addon.id),
                "name": addon.name,
                "description": addon.description,
                "price": money(addon.price),
                "unit": addon.unit,
                "required": addon.required,
            }
            for addon in view.addons
        ],
        "exclusions": list(view.exclusions),
        "rating": None if view.rating is None else float(view.rating),
        "rating_count": view.rating_count,
        "bookable": view.bookable,
    }


def own_package(view: PackageView) -> dict[str, Any]:
    """A package as its operator sees it."""
    return package(view) | {
        "status": view.status,
        "version": view.version,
        "commission_percent": float(view.commission_percent),
        "price": money(view.base_price),
    }


def departure(view: DepartureView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "starts_on": str(view.starts_on),
        "ends_on": str(view.ends_on),
        "capacity": view.capacity,
        "seats_left": view.seats_left,
        "price": money(view.price),
        "status": view.status,
    }


def price(view: Price) -> dict[str, Any]:
    return {
        "lines": [
            {
                "code": line.code,
                "label": line.label,
                "quantity": line.quantity,
                "amount": money(line.amount),
            }
            for line in view.lines
        ],
        "total": money(view.total),
        "deposit": None if view.deposit is None else money(view.deposit),
        "balance_due_on": None if view.balance_due_on is None else str(view.balance_due_on),
    }


def hold(view: HoldView) -> dict[str, Any]:
    """``sale`` is for an agency, and not for its assistants."""
    sale = view.sale
    return {
        **({} if sale is None else {"sale": _sale(sale, view.price.total)}),
        "id": str(view.id),
        "expires_at": instant(view.expires_at),
        "extended": view.extended,
        "seats": view.seats,
        "price": price(view.price),
        "addon_ids": sorted(map(str, view.addon_ids)),
        "package": {"slug": view.package_slug, "title": view.package_title},
        "departure": {"starts_on": str(view.starts_on), "ends_on": str(view.ends_on)},
    }


def _sale(sale: Sale, charged: Money) -> dict[str, Any]:
    parts = split(charged, sale.commission_percent, by_agency=True)
    return {
        "model": sale.model,
        "markup_percent": None if sale.markup_percent is None else float(sale.markup_percent),
        "net": money(charged if sale.on_account else sale.net(charged)),
        "commission": money(parts.agency),
    }


def policy(tiers: Iterable[DatedTier]) -> list[dict[str, Any]]:
    return [
        {
            "from": None if tier.first is None else str(tier.first),
            "until": None if tier.last is None else str(tier.last),
            "refund_percent": tier.refund_percent,
        }
        for tier in tiers
    ]


def booking(view: BookingView) -> dict[str, Any]:
    return {
        "reference": view.reference,
        "status": view.status,
        "package": {"slug": view.package_slug, "title": view.package_title},
        "operator": {"slug": view.operator_slug, "name": view.operator_name},
        "departure": {"starts_on": str(view.starts_on), "ends_on": str(view.ends_on)},
        "lead": None
        if view.masked
        else {
            "name": view.lead_name,
            "email": view.lead_email,
            "phone": view.lead_phone,
        },
        "travellers": list(view.travellers),
        "adults": view.adults,
        "children": view.children,
        "price": price(view.price),
        "total": money(view.total),
        "paid": money(view.paid),
        "due": money(view.due),
        "payments": [
            {
                "kind": payment.kind,
                "amount": money(payment.amount),
                "status": payment.status,
                "due_on": str(payment.due_on),
                "paid_at": instant(payment.paid_at),
                "failure": payment.failure,
                "refunded": money(payment.refunded),
                "closed": payment.closed,
            }
            for payment in view.payments
        ],
        "refunds": [
            {
                "amount": money(refund.amount),
                "state": refund.state,
                "reason": refund.reason,
                "at": instant(refund.at),
            }
            for refund in view.refunds
        ],
        "cancellation_policy": policy(view.cancellation),
        "held_until": instant(view.held_until),
        "checkout_url": view.checkout_url,
        "created_at": instant(view.created_at),
    }


def booking_row(row: BookingRow) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "status": row.status,
        "package": {"slug": row.package_slug, "title": row.title},
        "operator": {"slug": row.operator_slug, "name": row.operator_name},
        "agency": {"name": row.agency_name} if row.agency_name else None,
        "lead_name": row.lead_name,
        "party": row.travellers,
        "travellers": list(row.names),
        "departure": {"starts_on": str(row.starts_on), "ends_on": str(row.ends_on)},
        "total": money(row.total),
        "paid": money(row.paid),
        "due": money(row.due),
        "created_at": instant(row.created_at),
    }


def terms(view: Terms) -> dict[str, Any]:
    """An operator's terms. ``tax_percent`` is a decimal as text."""
    return {
        "pay_after": view.pay_after,
        "pay_after_days": view.pay_after_days,
        "overdue": view.overdue,
        "overdue_days": view.overdue_days,
        "asks_birth_dates": view.asks_birth_dates,
        "invoice_name": view.invoice_name,
        "invoice_address": view.invoice_address,
        "tax_number": view.tax_number,
        "tax_percent": str(view.tax_percent),
        "updated_at": instant(view.updated_at),
    }


def invitation(row: OpenInvitation) -> dict[str, Any]:
    """An invitation into a team that nobody has answered."""
    return {
        "id": str(row.id),
        "email": row.email,
        "role": row.role,
        "expires_at": instant(row.expires_at),
        "expired": row.expired,
    }
