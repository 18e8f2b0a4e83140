"""``GET /api/packages`` and ``/api/suggestions``: what they answer, and what they refuse."""

from typing import Any

import httpx
import pytest

from tests.product import Product


@pytest.fixture
def listed(product: Product, http: httpx.Client) -> httpx.Client:
    for number in range(3):
        product.offer(title=f"Rome and Florence {number}", price=f"{900 + number}.00")
    while product.services.search_index.step():
        pass
    return http


def test_a_search_answers_items_total_next_and_facets(listed: httpx.Client) -> None:
    first = listed.get("/api/packages?q=florense&sort=price&limit=2").json()
    assert first["total"] == 3
    assert [item["price_from"]["amount"] for item in first["items"]] == [90000, 90100]
    assert set(first["facets"]) == {"country", "city", "tag", "operator", "stars", "board"}
    assert first["facets"]["country"] == [{"value": "IT", "label": "Italy", "count": 3}]
    rest = listed.get(f"/api/packages?q=florense&sort=price&limit=2&cursor={first['next']}").json()
    assert [item["price_from"]["amount"] for item in rest["items"]] == [90200]
    assert rest["next"] is None


def test_near_and_board_narrow_a_search(listed: httpx.Client) -> None:
    assert listed.get("/api/packages?near=Rome&radius=50").json()["total"] == 3
    assert listed.get("/api/packages?near=48.2,16.4&radius=50").json()["total"] == 0
    assert listed.get("/api/packages?board=breakfast").json()["total"] == 3
    assert listed.get("/api/packages?board=full_board").json()["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["radius=0", "radius=5000", "currency=usd", "currency=XYZ", "sort=cheap", "cursor=-1",
     "travellers=0", "from=soon", "from=2027-05-02&to=2027-05-01", "near=" + "x" * 101],
)  # fmt: skip
def test_what_can_t_be_meant_is_refused(listed: httpx.Client, query: str) -> None:
    assert listed.get(f"/api/packages?{query}").status_code == 422


@pytest.mark.parametrize(
    "words",
    [
        "'",
        "\\",
        "%",
        "_",
        "a:*",
        "!!",
        "(",
        "<->",
        "|",
        "&",
        "x" * 200,
        "Ω≈ç",
        "😀",
        "١٢٣",
        "\u202e",
    ],
)
def test_no_words_break_a_search(listed: httpx.Client, words: str) -> None:
    for name in ("q", "city", "near", "tag", "operator", "board"):
        if len(words) <= 40:
            assert listed.get("/api/packages", params={name: words}).status_code == 200
    assert listed.get("/api/suggestions", params={"q": words}).status_code == 200


def test_suggestions_name_the_parameter_that_takes_them(listed: httpx.Client) -> None:
    items: list[dict[str, Any]] = listed.get("/api/suggestions?q=flor").json()["items"]
    assert {"kind": "city", "value": "florence", "label": "Florence",
            "detail": "Italy · 3 trips"} in items  # fmt: skip
    for item in items:
        if item["kind"] != "package":
            found = listed.get("/api/packages", params={item["kind"]: item["value"]}).json()
            assert found["total"] == 3
    assert listed.get("/api/suggestions").json() == {"items": []}
