"""An agency's documents over the REST API, and what is shared of them."""

from uuid import uuid4

from tests.product import GUEST, Product
from tests.rest import Client
from tests.services.test_agency_documents import TEXT, send
from tests.services.test_clients import add, agent_of

PATH = "/api/agents/me/documents"


def test_a_document_is_sent_found_taken_and_removed(client: Client, product: Product) -> None:
    ann = agent_of(product, "Ann Delaney")
    http, person = client(ann), add(product, ann, "Zofia Nowak")
    body = {"file_name": "Rück<reise>.pdf", "size": len(TEXT), "client_id": str(person.id)}
    made = http.post(PATH, json=body)
    assert made.status_code == 201
    one = f"{PATH}/{made.json()['id']}"
    early = http.post(f"{one}/finish")
    assert (early.status_code, early.json()["code"]) == (409, "not_uploaded")
    assert http.get(f"{one}/file").json()["code"] == "not_clean"
    product.files.post(product.files.forms[-1], TEXT)
    kept = http.post(f"{one}/finish").json()
    assert (kept["state"], kept["content_type"]) == ("clean", "text/plain")
    assert kept["client"] == {"id": str(person.id), "name": "Zofia Nowak"}
    file = http.get(f"{one}/file")
    assert file.content == TEXT
    for name, value in (
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "attachment; filename*=UTF-8''R%C3%BCck_reise_.pdf.txt"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, no-store"),
    ):
        assert file.headers[name] == value
    changed = http.patch(one, json={"kind": "ticket", "name": "Rückreise.txt"}).json()
    assert (changed["kind"], changed["name"]) == ("ticket", "Rückreise.txt")
    assert [row["id"] for row in http.get(PATH, params={"q": "ruckreise"}).json()["items"]] == [
        kept["id"]
    ]
    history = http.get(f"{one}/history").json()["items"]
    assert [line["action"] for line in history] == ["changed", "taken", "sent"]
    assert http.delete(one).status_code == 204
    assert http.get(one).json()["code"] == "document_not_found"
    wrong = http.post(PATH, json={"file_name": "a", "size": 1, "kind": "secret", "key": "x"})
    assert {error["field"] for error in wrong.json()["errors"]} == {"kind", "key"}


def test_a_link_is_told_once_and_ends(client: Client, product: Product) -> None:
    ann = agent_of(product, "Ann Delaney")
    http, guest, sent = client(ann), client(GUEST), send(product, ann)
    made = http.post(f"{PATH}/{sent.id}/shares", json={"days": 1, "code": "Blue Heron"}).json()
    link = "/api/shared/" + made["url"].rpartition("/")[2]
    assert "url" not in http.get(f"{PATH}/{sent.id}/shares").json()["items"][0]
    seen = guest.get(link).json()
    assert (seen["asks_code"], seen["name"], seen["pass"]) == (True, None, None)
    assert guest.get(f"{link}/file").json()["code"] == "code_needed"
    assert guest.post(f"{link}/pass", json={"code": "x"}).json()["code"] == "wrong_code"
    passed = guest.post(f"{link}/pass", json={"code": "blue heron"}).json()["pass"]
    assert guest.get(f"{link}/file", params={"pass": passed}).content == TEXT
    revoked = http.delete(f"{PATH}/{sent.id}/shares/{made['id']}")
    assert revoked.status_code == 204
    ended = guest.get(f"{link}/file", params={"pass": passed})
    assert (ended.status_code, ended.json()["code"]) == (410, "link_ended")
    assert guest.get("/api/shared/none").json()["code"] == "share_not_found"


def test_nobody_else_reaches_an_agencys_documents(client: Client, product: Product) -> None:
    ann, rival = agent_of(product, "Ann Delaney"), agent_of(product, "Viktor Lindqvist")
    sent = send(product, ann)
    other, guest = client(rival), client(GUEST)
    one, share = f"{PATH}/{sent.id}", f"{PATH}/{sent.id}/shares"
    asked = (
        ("GET", one, None), ("POST", f"{one}/finish", None), ("PATCH", one, {"name": "mine"}),
        ("DELETE", one, None), ("GET", f"{one}/file", None), ("GET", f"{one}/history", None),
        ("GET", share, None), ("POST", share, {"days": 1}), ("DELETE", f"{share}/{uuid4()}", None),
    )  # fmt: skip
    for method, path, body in asked:
        answer = other.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "document_not_found"), path
        assert guest.request(method, path, json=body).status_code in (401, 403)
    assert other.get(PATH).json()["items"] == []
    assert sent.name not in other.get(PATH).text
