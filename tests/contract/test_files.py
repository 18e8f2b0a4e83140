"""The contract of the ``Files`` port, over S3 as MiniStack speaks it.

MiniStack checks a form's signature, expiry and every condition as S3 does. What was posted is
looked at afterwards all the same (``services/package_pictures``): a form says nothing of the
bytes themselves.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecosystem.adapters.guardduty import TAG
from ecosystem.adapters.s3 import S3
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.local.aws import REGION, EmbeddedAws
from ecosystem.page_headers import storage_origin
from ecosystem.services.ports import UploadForm
from ecosystem.settings import Settings

ORIGIN = "http://localhost:3999"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3, EmbeddedAws, str]]:
    folder: Path = tmp_path_factory.mktemp("files-aws")
    with EmbeddedAws(folder, persist=False) as aws:
        made = aws.deploy(web_origins=[ORIGIN], sender="trips@ecosystem.example")
        yield S3(REGION, made.bucket, aws.endpoint), aws, made.bucket


@pytest.fixture
def files(stored: tuple[S3, EmbeddedAws, str]) -> S3:
    return stored[0]


def post(form: UploadForm, content: bytes, **changed: str) -> httpx.Response:
    return httpx.post(
        form.url,
        data=form.fields | changed,
        files={"file": ("whatever.jpg", content)},
        headers={"Origin": ORIGIN},
        timeout=30,
    )


def test_what_is_put_is_read_back(files: S3) -> None:
    files.put("a/one", b"0123456789", "text/plain")
    head = files.head("a/one")
    assert head is not None
    assert (head.size, head.content_type) == (10, "text/plain")
    assert files.get("a/one") == b"0123456789"
    assert files.read_range("a/one", 2, 3) == b"234"
    assert files.read_range("a/one", 8, 100) == b"89"
    assert files.read_range("a/one", 10, 5) == b""


def test_a_copy_outlives_its_source(files: S3) -> None:
    files.put("a/source", b"same", "image/webp")
    files.copy("a/source", "a/target")
    files.delete("a/source")
    assert files.get("a/target") == b"same"
    assert files.head("a/source") is None


def test_what_is_erased_is_gone_with_its_versions(stored: tuple[S3, EmbeddedAws, str]) -> None:
    files, _aws, bucket = stored
    files.put("documents/a", b"first", "text/plain")
    files.put("documents/a", b"second", "text/plain")
    files.put("documents/ab", b"another's", "text/plain")
    files.delete("documents/a")
    files.erase("documents/a")
    files.erase("documents/a")
    assert files.head("documents/a") is None
    assert files.get("documents/ab") == b"another's"
    left = files._s3.list_object_versions(Bucket=bucket, Prefix="documents/a")
    kept = [one["Key"] for one in [*left.get("Versions", ()), *left.get("DeleteMarkers", ())]]
    assert kept == ["documents/ab"]


def test_what_a_scanner_wrote_on_a_file_is_read(stored: tuple[S3, EmbeddedAws, str]) -> None:
    files, _aws, bucket = stored
    files.put("quarantine/a", b"x", "text/plain")
    assert files.tags("quarantine/a") == {}
    tags = {"TagSet": [{"Key": TAG, "Value": "NO_THREATS_FOUND"}]}
    files._s3.put_object_tagging(Bucket=bucket, Key="quarantine/a", Tagging=tags)
    assert files.tags("quarantine/a") == {TAG: "NO_THREATS_FOUND"}


def test_what_is_not_there(files: S3) -> None:
    assert files.head("nothing") is None
    files.delete("nothing")
    for read in (
        lambda: files.get("nothing"),
        lambda: files.read_range("nothing", 0, 5),
        lambda: files.copy("nothing", "a/target"),
        lambda: files.tags("nothing"),
    ):
        with pytest.raises(NotFound):
            read()


def test_a_form_stores_one_file_under_its_key(files: S3) -> None:
    form = files.presigned_post("uploads/x/good", "image/png", 100, HOUR)
    answer = post(form, b"p" * 100)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    head = files.head("uploads/x/good")
    assert head is not None
    assert (head.size, head.content_type) == (100, "image/png")


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        pytest.param(b"p" * 101, {}, id="too large"),
        pytest.param(b"", {}, id="empty"),
        pytest.param(b"p", {"Content-Type": "text/html"}, id="another type"),
        pytest.param(b"p", {"key": "uploads/y/other"}, id="another key"),
        pytest.param(b"p", {"acl": "public-read"}, id="one more field"),
        pytest.param(b"p", {"x-amz-signature": "0" * 64}, id="another signature"),
    ],
)
def test_a_form_allows_nothing_else(files: S3, content: bytes, changed: dict[str, str]) -> None:
    form = files.presigned_post("uploads/x/refused", "image/png", 100, HOUR)
    assert post(form, content, **changed).status_code in (400, 403)
    assert files.head("uploads/x/refused") is None
    assert files.head("uploads/y/other") is None


def test_a_form_expires(files: S3) -> None:
    form = files.presigned_post("uploads/x/late", "image/png", 100, timedelta(seconds=-1))
    assert post(form, b"p").status_code == 403
    assert files.head("uploads/x/late") is None


def test_only_our_own_pages_may_post(stored: tuple[S3, EmbeddedAws, str]) -> None:
    _, aws, bucket = stored
    asked = {"Access-Control-Request-Method": "POST"}
    for origin, status in ((ORIGIN, 200), ("http://elsewhere.example", 403)):
        answer = httpx.options(f"{aws.endpoint}/{bucket}", headers=asked | {"Origin": origin})
        assert answer.status_code == status


def test_nobody_reads_without_us(stored: tuple[S3, EmbeddedAws, str]) -> None:
    files, aws, bucket = stored
    files.put("pictures/private", b"secret", "image/webp")
    assert httpx.get(f"{aws.endpoint}/{bucket}/pictures/private").status_code == 403


def test_a_form_goes_where_the_pages_may_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-key")
    form = S3(REGION, "eco-files").presigned_post("uploads/x", "image/png", 100, HOUR)
    settings = Settings.model_construct(
        ecosystem_env="production", s3_bucket_name="eco-files", aws_region=REGION
    )
    assert form.url.rstrip("/") == storage_origin(settings)
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_a_store_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # it waits before it asks again
    nowhere = S3(REGION, "bucket", "http://127.0.0.1:9")
    calls: list[Any] = [
        lambda: nowhere.get("x"),
        lambda: nowhere.head("x"),
        lambda: nowhere.put("x", b"", "text/plain"),
        lambda: nowhere.delete("x"),
    ]
    for ask in calls:
        with pytest.raises(Unavailable):
            ask()
