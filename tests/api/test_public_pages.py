"""What search engines are told: heads, real 404s, the sitemap, robots.txt."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from ecosystem.api import create_api
from ecosystem.api.pages import public_pages
from ecosystem.api.pages.head import Head, shortened
from ecosystem.database.placement import ACCOUNTS, PACKAGES
from ecosystem.domain.language import LANGUAGES
from ecosystem.services.sitemap import Sitemap
from ecosystem.static_pages import StaticPages
from tests.memory_sign_in import ORIGIN, InProcess
from tests.product import Product

SHELL = "<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>shell</body></html>"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The API with the public pages over a shell that needs no compiler."""
    folder = tmp_path_factory.mktemp("shells")
    for code in LANGUAGES:
        (folder / code).mkdir()
        (folder / code / "__spa-fallback.html").write_text(SHELL)
        (folder / code / "404.html").write_text("<html><head></head><body>not here</body></html>")
    made = create_api()
    made.include_router(public_pages(StaticPages(local=True, folder=folder)))
    return made


@pytest.fixture
def site(served: Product, pages: FastAPI) -> Iterator[httpx.Client]:
    """The public pages of the test's product."""
    with httpx.Client(
        transport=InProcess(pages), base_url=ORIGIN, headers={"Accept-Encoding": "identity"}
    ) as client:
        yield client


def json_ld(page: str) -> Any:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(block)


def change(product: Product, group: str, sql: str, **values: Any) -> None:
    with product.database.unit(group) as session:
        session.execute(text(sql), values)


def test_a_package_page_says_what_it_is_before_any_script_runs(
    site: httpx.Client, product: Product
) -> None:
    made = product.offer(summary="Three cities by train.")
    answer = site.get(f"/packages/{made.slug}")
    assert answer.status_code == 200
    page = answer.text
    assert "<title>Rome, Florence &amp; Venice by rail · Ecosystem</title>" in page
    url = f"http://localhost:3999/packages/{made.slug}"
    assert f'<link rel="canonical" href="{url}"/>' in page
    assert (
        f'<meta property="og:image" content="http://localhost:3999/covers/{made.package_id}' in page
    )
    assert 'name="description" content="8 nights in Rome, Florence, from €1,340 per adult.' in page
    assert page.index("og:title") < page.index("</head>") < page.index("shell")
    ahead = page.partition("<body>")[2].partition("shell")[0]
    assert ahead.startswith("<page-ahead>")
    assert ahead.endswith("</page-ahead>")
    for words in ("Rome, Florence &amp; Venice by rail</h1>", "Three cities", "Casa del Lungarno"):
        assert words in ahead
    data = json_ld(page)
    assert data["offers"]["price"] == "1340.00"
    assert data["offers"]["priceCurrency"] == "EUR"
    assert data["offers"]["availability"].endswith("/InStock")
    assert [stop["item"]["name"] for stop in data["itinerary"]["itemListElement"]] == [
        "Rome",
        "Florence",
    ]
    assert data["provider"]["name"] == "Via Appia Journeys"
    assert "aggregateRating" not in data, "nobody has rated it"


def test_the_offer_is_true(site: httpx.Client, product: Product) -> None:
    dear = product.offer(rating="4.6", rating_count=12)
    change(
        product,
        "rds",
        "update departures set price_minor = 99950, capacity = 0 where id = :id",
        id=dear.departure_id,
    )
    data = json_ld(site.get(f"/packages/{dear.slug}").text)
    assert data["offers"]["availability"].endswith("/SoldOut")
    assert data["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": "4.6",
        "reviewCount": 12,
        "bestRating": "5",
        "worstRating": "1",
    }
    unpaid = product.offer(payable=False, currency="JPY", price="180000")
    offer = json_ld(site.get(f"/packages/{unpaid.slug}").text)["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("180000", "JPY")
    assert not offer["availability"].endswith("/InStock")


HOSTILE = (
    "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    "\u2028\u2029]]>--><!--&amp;\t\r\n</head>"
)


def test_no_markup_that_somebody_typed_becomes_markup(site: httpx.Client, product: Product) -> None:
    made = product.offer(title=HOSTILE, summary=HOSTILE, description=HOSTILE)
    change(
        product,
        ACCOUNTS,
        "update operators set name = :name, description = :name where id = :id",
        name=HOSTILE,
        id=made.operator_id,
    )
    slug = product.services.catalogue.package(made.slug).operator.slug
    for path in (f"/packages/{made.slug}", f"/operators/{slug}"):
        page = site.get(path).text
        head = page.partition("</head>")[0]
        assert page.count("</head>") == 1
        assert "<img src=x" not in page
        assert "alert(1)</script>" not in page
        assert head.count("<script") == page.count("<script") == 1
        assert page.count("<h1") == page.count("</h1>") == 1
        assert "\u2028" not in page
        assert json_ld(page)["name"].startswith("</script><script>alert(1)")


def test_one_address_one_answer_for_get_and_head(site: httpx.Client, product: Product) -> None:
    made = product.offer()
    for path in (f"/packages/{made.slug}", f"/packages/{made.slug}/?travellers=3&from=2027-01-01"):
        got, asked = site.get(path), site.head(path)
        assert got.status_code == asked.status_code == 200
        assert got.headers["content-type"] == asked.headers["content-type"]
        assert f'href="http://localhost:3999/packages/{made.slug}"/>' in got.text
    assert site.post(f"/packages/{made.slug}").status_code == 405


@pytest.mark.parametrize(
    "slug",
    ["nothing-here", "%00", "..%2f..%2fetc", "%F0%9F%98%80", "x" * 5000, "%E2%80%AE", "'; --", " ",
     "0197c0de-0000-7000-8000-000000000000"],
    ids=range(9),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["packages", "operators"])
def test_junk_is_a_real_404_with_a_page(site: httpx.Client, kind: str, slug: str) -> None:
    answer = site.get(f"/{kind}/{slug}")
    assert answer.status_code == 404
    assert "not here" in answer.text or answer.headers["content-type"].endswith("json")


def test_what_is_not_public_is_not_there(site: httpx.Client, product: Product) -> None:
    made = product.offer()
    slug = product.services.catalogue.package(made.slug).operator.slug
    for status in ("draft", "archived"):
        change(
            product,
            PACKAGES,
            "update multi_city_hotel_packages set status = cast(:s as package_status)"
            " where id = :id",
            s=status,
            id=made.package_id,
        )
        answer = site.get(f"/packages/{made.slug}")
        assert (answer.status_code, made.slug in answer.text) == (404, False)
        assert made.slug not in site.get("/sitemap.xml").text
    assert site.get(f"/operators/{slug}").status_code == 200
    change(
        product, ACCOUNTS, "update operators set verified_at = null where id = :id",
        id=made.operator_id,
    )  # fmt: skip
    assert site.get(f"/operators/{slug}").status_code == 404
    assert slug not in site.get("/sitemap.xml").text


def test_the_sitemap_has_every_public_address_once(site: httpx.Client, product: Product) -> None:
    slugs = {product.offer().slug for _ in range(3)}
    answer = site.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.text)
    places = [item.findtext("s:loc", namespaces=NAMES) or "" for item in root]
    assert len(places) == len(set(places)) == 2 + 3 + 3
    assert {f"http://localhost:3999/packages/{slug}" for slug in slugs} <= set(places)
    changed = [item.findtext("s:lastmod", namespaces=NAMES) for item in root]
    assert all(re.fullmatch(r"[-\dT:]+\+00:00", at) for at in changed[2:] if at)
    assert None not in changed[2:]


def test_many_addresses_are_cut_into_files(site: httpx.Client, product: Product) -> None:
    for _ in range(3):
        product.offer()
    whole = [item.path for item in Sitemap(product.database).file(0)]
    for largest in (1, 3, 4, 5, 8):
        cut = Sitemap(product.database, largest=largest)
        files = [[item.path for item in cut.file(n)] for n in range(cut.files() + 1)]
        assert [path for file in files for path in file] == whole
        assert all(0 < len(file) <= largest for file in files[:-1])
        assert files[-1] == []
    object.__setattr__(product.services, "sitemap", Sitemap(product.database, largest=4))
    index = ElementTree.fromstring(site.get("/sitemap.xml").text)
    assert [item.findtext("s:loc", namespaces=NAMES) for item in index] == [
        f"http://localhost:3999/sitemaps/{n}.xml" for n in (0, 1)
    ]
    assert site.get("/sitemaps/1.xml").text.count("<loc>") == 4
    for junk in ("2", "-1", "x", "٣", "9" * 40):
        assert site.get(f"/sitemaps/{junk}.xml").status_code == 404


def test_robots_stay_away_from_what_is_somebodys(site: httpx.Client) -> None:
    answer = site.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert {"Disallow: /trips", "Disallow: /provider", "Disallow: /api/"} <= set(lines)
    assert "Sitemap: http://localhost:3999/sitemap.xml" in lines
    assert not any(line in ("Disallow: /", "Disallow: /packages") for line in lines)


def test_descriptions_are_cut_between_words() -> None:
    assert shortened("one two three", 10) == "one two…"
    assert shortened("a\nb\t c") == "a b c"
    assert len(shortened("word " * 100)) <= 160
    assert Head("", "", "https://x.example/?a=1&b=2").html().count("&amp;") == 2
