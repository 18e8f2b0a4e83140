"""The first view of a page, drawn by the server and shown until the page itself is there.

The shell has no content, so a reader would look at nothing while scripts load, and so would who
reads without scripts. ``<page-ahead>`` is a tag that React does not know and leaves alone;
theme.css keeps the page hidden behind it, parts.js takes it away. Its class names are those of
``pages/packages`` and ``pages/operators``, whose places it takes to the pixel.
"""

from html import escape

from ecosystem.api.pages.head import NAME, one_line
from ecosystem.domain import formats
from ecosystem.domain.language import _
from ecosystem.domain.paths import picture_path
from ecosystem.domain.pictures import PictureView
from ecosystem.domain.views import OperatorView, PackageView
from ecosystem.services.places import country_name
from ecosystem.state.package_view import package_page

MIDDLE = 960
_BAR = (
    '<header class="border-b border-line bg-paper">'
    '<div class="flex h-16 items-center gap-3 px-4 md:gap-4 md:px-8">'
    '<span class="-ms-2 size-10 md:hidden"></span>'
    f'<a href="/" class="font-serif text-[24px] leading-none">{NAME}</a></div></header>'
)
_MAIN = (
    '<main class="mx-auto w-full flex-1 px-4 py-8 outline-none md:px-8 md:py-11 max-w-[1200px]">'
)
_H1 = "mt-1.5 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1"
_BADGE = (
    "inline-block whitespace-nowrap rounded-full px-2 text-xs leading-[22px] font-strong "
    "tabular-nums first-letter:uppercase bg-good-soft text-good ms-2"
)
_COVER = "h-[220px] w-full bg-sunk object-cover md:h-[380px]"


def package_ahead(package: PackageView, pictures: tuple[PictureView, ...]) -> str:
    """Of a package: what it is, its cover, where it goes."""
    page = package_page(package, pictures)
    cover = picture_path(pictures[0].id, MIDDLE) if pictures else page.cover
    alt = pictures[0].alt if pictures else ""
    rating = f" · {escape(page.rating)}" if page.rating else ""
    verified = (
        f'<span class="{_BADGE}">{escape(_("Verified operator"))}</span>' if page.verified else ""
    )
    stays = "".join(
        '<li class="grid grid-cols-[64px_1fr] gap-4 border-t border-line py-4">'
        f'<p class="text-soft tabular-nums">{escape(stay.when)}</p><div class="min-w-0 break-words">'
        f'<p><span class="font-semibold">{_text(stay.city)}</span> · {escape(stay.nights)}</p>'
        f'<p class="text-soft">{_text(stay.detail)}</p></div></li>'
        for stay in page.stays
    )
    price = _("from {price} per adult").format(price=formats.money(package.base_price))
    return _view(
        '<p class="text-md text-soft">'
        f'{_text(page.above)} · <a href="{escape(page.operator_href)}">'
        f"{_text(page.operator_name)}</a>{verified}{rating}</p>"
        f'<h1 class="{_H1}">{_text(page.title)}</h1>'
        '<div class="mt-6 grid gap-3 overflow-hidden rounded-lg md:grid-cols-[1.6fr_1fr]">'
        f'<img src="{escape(cover)}" alt="{escape(alt)}" width="800" height="500" class="{_COVER}"/>'
        '<div class="aspect-[6/5] bg-sea md:aspect-auto md:h-[380px]"></div></div>'
        f'<p class="mt-9 max-w-[64ch] text-lg break-words">{_text(page.summary)}</p>'
        f'<p class="mt-4 font-strong">{escape(price)}</p>'
        f'<ol class="mt-10 border-b border-line">{stays}</ol>'
    )


def operator_ahead(operator: OperatorView) -> str:
    """Of an operator: who they are."""
    place = ", ".join(part for part in (operator.city, country_name(operator.country)) if part)
    words = "".join(
        f'<p class="mt-4 max-w-[64ch] text-lg break-words">{_text(line)}</p>'
        for line in operator.description.split("\n")
        if line.strip()
    )
    return _view(
        f'<p class="text-md text-soft">{_text(place)}</p>'
        f'<h1 class="{_H1}">{_text(operator.name)}</h1>{words}'
    )


def _view(content: str) -> str:
    return f"<page-ahead>{_BAR}{_MAIN}{content}</main></page-ahead>"


def _text(typed: str) -> str:
    return escape(one_line(typed))
