"""An agency's clients over the REST API."""

from tests.product import GUEST, Product
from tests.rest import Client
from tests.services.test_clients import add, agent_of

PATH = "/api/agents/me/clients"


def test_a_client_is_kept_changed_and_erased(client: Client, product: Product) -> None:
    http = client(agent_of(product, "Ann Delaney"))
    body = {"name": "Zofia Nowak", "email": "z@example.com", "tags": ["VIP"]}
    key = {"Idempotency-Key": "k1"}
    made = http.post(PATH, json=body, headers=key)
    assert made.status_code == 201
    assert http.post(PATH, json=body, headers=key).json() == made.json()
    other = http.post(PATH, json={**body, "name": "Else Else"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    found = http.get(PATH, params={"q": "zofia"}).json()
    assert (found["total"], found["next"]) == (1, None)
    one = f"{PATH}/{made.json()['id']}"
    changed = http.patch(one, json={"version": 1, "phone": "+48 22 555 0100"})
    assert (changed.json()["version"], changed.json()["email"]) == (2, "z@example.com")
    stale = http.patch(one, json={"version": 1, "phone": ""})
    assert (stale.status_code, stale.json()["code"]) == (409, "edited_elsewhere")
    unknown = http.post(PATH, json={"name": "Jan Nowak", "commission": 5})
    assert unknown.json()["errors"][0]["field"] == "commission"

    document = http.post(f"{one}/documents", json={"number": "AB1234567"}).json()
    assert document["last_four"] == "4567"
    assert "1234567" not in http.get(one).text
    number = http.post(f"{one}/documents/{document['id']}/number")
    assert number.json() == {"number": "AB1234567"}
    assert number.headers["cache-control"] == "no-store"
    assert http.post(f"{one}/notes", json={"body": "Aisle"}).status_code == 201
    kinds = [item["kind"] for item in http.get(f"{one}/timeline").json()["items"]]
    assert kinds == ["note", "document", "client"]
    given = http.get(f"{one}/export")
    assert given.json()["client"]["full_name"] == "Zofia Nowak"
    assert http.get(f"{PATH}/export").text.startswith("\ufeffid,name,email")
    erased = http.delete(one)
    assert erased.json()["removed"]
    assert http.get(one).status_code == 404


def test_duplicates_are_merged_and_taken_apart(client: Client, product: Product) -> None:
    ann = agent_of(product, "Ann Delaney")
    http = client(ann)
    kept, gone = (
        str(add(product, ann, name, email="m@example.com").id) for name in ("Maja", "M. B.")
    )
    (pair,) = http.get(f"{PATH}/duplicates").json()["items"]
    assert pair["alike"] == "email"
    merge = http.post(f"{PATH}/{kept}/merge", json={"other_id": gone}).json()["merge_id"]
    assert http.get(f"{PATH}/{gone}").json()["id"] == kept
    assert http.post(f"{PATH}/merges/{merge}/undo").json() == {"id": gone}
    again = http.post(f"{PATH}/merges/{merge}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "merge_undone")


def test_a_file_is_posted_looked_at_and_carried_out(client: Client, product: Product) -> None:
    http = client(agent_of(product, "Ann Delaney"))
    sent = http.post(f"{PATH}/imports", json={"file_name": "c.csv", "size": 30}).json()
    missing = http.get(f"{PATH}/imports/{sent['id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "file_not_found")
    product.files.post(product.files.forms[-1], b"name\r\nMaja Berg\r\n=1+1\r\n")
    report = http.get(f"{PATH}/imports/{sent['id']}").json()
    assert report["counts"] == {"create": 2, "change": 0, "same": 0, "wrong": 0}
    assert http.post(f"{PATH}/imports/{sent['id']}/run").json()["done"] is True
    assert http.get(PATH).json()["total"] == 2


def test_a_rival_gets_404_everywhere_and_a_stranger_403(client: Client, product: Product) -> None:
    ann = agent_of(product, "Ann Delaney")
    one = f"{PATH}/{add(product, ann).id}"
    document = client(ann).post(f"{one}/documents", json={"number": "AB1234567"}).json()["id"]
    rival, guest = client(agent_of(product, "Rival")), client(GUEST)
    calls: tuple[tuple[str, str, object], ...] = (
        ("GET", one, None),
        ("PATCH", one, {"version": 1}),
        ("DELETE", one, None),
        ("GET", f"{one}/export", None),
        ("GET", f"{one}/timeline", None),
        ("POST", f"{one}/notes", {"body": "x"}),
        ("POST", f"{one}/documents", {"number": "AB1234567"}),
        ("POST", f"{one}/documents/{document}/number", None),
        ("DELETE", f"{one}/documents/{document}", None),
        ("POST", f"{one}/merge", {"other_id": document}),
    )
    for method, path, body in calls:
        assert rival.request(method, path, json=body).status_code == 404, path
        assert guest.request(method, path, json=body).status_code == 403, path
    assert rival.get(PATH).json()["items"] == []
    assert guest.get(PATH).status_code == 403
