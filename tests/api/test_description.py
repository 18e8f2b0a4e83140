"""What the API says of itself is true: its errors, its callers, the bodies it reads by hand."""

from typing import Any

from httpx import Client

from ecosystem.api.application import openapi


def test_every_endpoint_is_described_with_the_errors_it_answers(http: Client) -> None:
    schema = openapi()
    for path, verbs in schema["paths"].items():
        for verb, known in verbs.items():
            assert "422" not in known["responses"], "what FastAPI itself would answer"
            assert "application/problem+json" in known["responses"]["default"]["content"], path
            if path.endswith((".csv", ".pdf", ".ics", "me/packages/export", "clients/export")):
                assert "content" not in known["responses"]["200"], f"{path} answers a file"
            if verb == "post" and path.startswith("/api/auth/"):
                assert known["requestBody"]["content"].keys() == {
                    "application/json",
                    "application/x-www-form-urlencoded",
                }
    assert schema["security"] == [{"token": []}, {"session": []}, {}]
    problem: dict[str, Any] = schema["components"]["schemas"]["Problem"]
    refused = http.post("/api/holds", json={"adults": 0})
    assert set(refused.json()) == set(problem["properties"])
    page = http.get("/api/docs").text
    assert f'id="{refused.json()["type"].partition("#")[2]}"' in page, "where its type leads"
