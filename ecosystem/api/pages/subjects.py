"""What packages and operators say of themselves to search engines."""

from typing import Any

from ecosystem.api.pages.head import Head, one_line
from ecosystem.domain import formats
from ecosystem.domain.language import _, language
from ecosystem.domain.money import Money
from ecosystem.domain.paths import cover_path, picture_path
from ecosystem.domain.pictures import PictureView
from ecosystem.domain.views import DepartureView, OperatorView, PackageView
from ecosystem.services.places import country_name

SCHEMA = "https://schema.org"
WIDE = 1600


def package_head(
    package: PackageView,
    departures: tuple[DepartureView, ...],
    pictures: tuple[PictureView, ...],
    origin: str,
) -> Head:
    """Of a package's page. The price is the lowest that is on sale, else the package's own."""
    url = f"{origin}/packages/{package.slug}"
    first = package.stays[0] if package.stays else None
    image = origin + (
        picture_path(pictures[0].id, WIDE)
        if pictures
        else cover_path(
            package.id, first.country if first else "", first.latitude if first else None
        )
    )
    on_sale = [row for row in departures if row.status == "open"]
    lowest = min((row.price for row in on_sale), key=lambda price: price.minor, default=None)
    price = lowest or package.base_price
    data: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": ["Product", "TouristTrip"],
        "@id": url,
        "name": one_line(package.title),
        "description": one_line(package.summary or package.description)[:5000],
        "url": url,
        "image": [image],
        "inLanguage": language().code,
        "provider": _organisation(package.operator, origin),
        "brand": {"@type": "Brand", "name": package.operator.name},
        "itinerary": {
            "@type": "ItemList",
            "numberOfItems": len(package.stays),
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "item": {
                        "@type": "City",
                        "name": stay.city,
                        "containedInPlace": {"@type": "Country", "name": stay.country},
                        "geo": {
                            "@type": "GeoCoordinates",
                            "latitude": stay.latitude,
                            "longitude": stay.longitude,
                        },
                    },
                }
                for position, stay in enumerate(package.stays, start=1)
            ],
        },
        "offers": {
            "@type": "Offer",
            "url": url,
            "price": str(price.decimal),
            "priceCurrency": price.currency,
            "availability": f"{SCHEMA}/{_availability(package, departures)}",
            "seller": _organisation(package.operator, origin),
        },
    }
    if package.rating is not None and package.rating_count > 0:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": str(package.rating),
            "reviewCount": package.rating_count,
            "bestRating": "5",
            "worstRating": "1",
        }
    return Head(
        title=package.title,
        description=_package_words(package, price),
        url=url,
        image=image,
        kind="product",
        locale=language().locale,
        data=(data,),
    )


def operator_head(operator: OperatorView, origin: str) -> Head:
    """Of an operator's page."""
    place = ", ".join(part for part in (operator.city, country_name(operator.country)) if part)
    words = operator.description or _("Trips by {name}, {place}.").format(
        name=operator.name, place=place
    )
    return Head(
        title=operator.name,
        description=words,
        url=f"{origin}/operators/{operator.slug}",
        kind="profile",
        locale=language().locale,
        data=(
            {
                "@context": SCHEMA,
                **_organisation(operator, origin),
                "description": one_line(words)[:5000],
                "address": {
                    "@type": "PostalAddress",
                    "addressLocality": operator.city,
                    "addressCountry": operator.country,
                },
                "knowsLanguage": list(operator.languages),
            },
        ),
    )


def _organisation(operator: OperatorView, origin: str) -> dict[str, Any]:
    url = f"{origin}/operators/{operator.slug}"
    return {"@type": "Organization", "@id": url, "name": one_line(operator.name), "url": url}


def _availability(package: PackageView, departures: tuple[DepartureView, ...]) -> str:
    if package.bookable and any(row.status == "open" for row in departures):
        return "InStock"
    return "SoldOut" if departures else "OutOfStock"


def _package_words(package: PackageView, price: Money) -> str:
    cities = ", ".join(dict.fromkeys(stay.city for stay in package.stays))
    facts = _("{nights} in {cities}, from {price} per adult.").format(
        nights=formats.nights(package.nights), cities=cities, price=formats.money(price)
    )
    return f"{facts} {package.summary}".strip()
