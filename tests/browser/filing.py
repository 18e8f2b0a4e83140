"""A document of the demo agency, kept and shared over the API, for tests that begin after it."""

import httpx

from tests.browser.proposing import agent_program
from tests.live import Live

CONTENT = b"Cover for medical costs: EUR 500,000. Policy 77-10."


def keep_document(live: Live, name: str = "Travel insurance.txt") -> tuple[str, str]:
    """The id of a file that was sent and found clean, and the address of a link to it."""
    path = "/api/agents/me/documents"
    with agent_program(live) as program:
        form = {"file_name": name, "size": len(CONTENT), "kind": "insurance"}
        made = program.post(path, json=form)
        assert made.status_code == 201, made.text
        document_id, upload = made.json()["id"], made.json()["upload"]
        posted = httpx.post(
            upload["url"], data=upload["fields"], files={"file": (name, CONTENT)}, timeout=60
        )
        assert posted.status_code == 204, posted.text
        kept = program.post(f"{path}/{document_id}/finish")
        assert kept.json()["state"] == "clean", kept.text
        shared = program.post(f"{path}/{document_id}/shares", json={"recipient": "The client"})
        assert shared.status_code == 201, shared.text
    return document_id, "/d/" + shared.json()["url"].rpartition("/")[2]
