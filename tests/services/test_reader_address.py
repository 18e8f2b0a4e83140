"""Where a chosen language leads back to when a browser says strange things."""

import pytest
from starlette.requests import Request

from ecosystem.api import reader
from ecosystem.settings import Settings


class _Services:
    settings = Settings()


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://[", "/"),
        ("http://[::1", "/"),
        ("https://evil.example/search", "/"),
        ("", "/"),
        (f"{_Services.settings.origin}/search?q=rome", "/search?q=rome"),
    ],
    ids=["no host", "half a host", "elsewhere", "nothing", "our own"],
)
def test_a_form_leads_back_to_a_page_of_ours(
    monkeypatch: pytest.MonkeyPatch, referer: str, leads_to: str
) -> None:
    monkeypatch.setattr(reader, "services", _Services)
    headers = [(b"referer", referer.encode())]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers})
    assert reader._page_of(request) == leads_to
