"""Files of packages over the REST API."""

import pytest

from tests.api.test_own_packages import made
from tests.product import Offer, Product
from tests.rest import Client
from tests.services.test_package_editor import editor_of

ME = "/api/operators/me"

__all__ = ["made"]


@pytest.mark.usefixtures("made")
def test_a_file_is_sent_checked_run_and_exported(
    client: Client, product: Product, made: Offer
) -> None:
    gaia = editor_of(made)
    http = client(gaia)
    form = {"what": "packages", "format": "csv", "file_name": "trips.csv", "size": 30}
    sent = http.post(f"{ME}/imports", json=form).json()
    assert sent["upload"]["fields"]
    one = f"{ME}/imports/{sent['id']}"
    early = http.post(f"{one}/arrived", json=form)
    assert (early.status_code, early.json()["code"]) == (404, "file_not_found")
    key = f"uploads/imports/{made.operator_id}/{sent['id']}"
    content = f"slug,title\n{made.slug},Renamed by file\n,x\n".encode()
    product.services.imports._files.put(key, content, "text/csv")
    assert http.post(f"{one}/arrived", json=form).json()["state"] == "uploaded"
    too_early = http.post(f"{one}/run")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "import_not_ready")
    while product.services.imports._work.step():
        pass
    checked = http.get(one).json()
    assert (checked["state"], checked["counts"]["change"], checked["counts"]["wrong"]) == (
        "checked", 1, 1
    )  # fmt: skip
    page = http.get(f"{one}/report", params={"limit": 1}).json()
    assert page["items"][0]["messages"][0]["field"] == "Title"
    rest = http.get(f"{one}/report", params={"cursor": page["next"], "outcome": "wrong"}).json()
    assert rest["items"] == []
    assert http.post(f"{one}/run").json()["state"] == "running"
    while product.services.imports._work.step():
        pass
    assert http.get(f"{ME}/imports").json()["items"][0]["state"] == "done"
    csv = http.get(f"{ME}/packages/export")
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in csv.headers["content-disposition"]
    assert "Renamed by file" in csv.text
    assert http.get(f"{ME}/departures/export", params={"format": "json"}).json()["departures"]

    rival = client(editor_of(product.offer()))
    for path in (one, f"{one}/report"):
        assert rival.get(path).json()["code"] == "import_not_found"
    for path in (f"{one}/run", f"{one}/cancel"):
        assert rival.post(path).json()["code"] == "import_not_found"
    assert "Renamed by file" not in rival.get(f"{ME}/packages/export").text
    assert http.get(f"{ME}/packages/export", params={"format": "exe"}).status_code == 422
