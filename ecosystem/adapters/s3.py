"""Amazon S3: documents, pictures, backups."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from ecosystem.adapters.aws_client import answering, client
from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import NotFound
from ecosystem.services.ports import StoredFile, UploadForm

_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_PAST_THE_END = "InvalidRange"


class S3:
    """One bucket. Nothing in it is public: readers get it through us."""

    def __init__(self, region: str, bucket: str, endpoint_url: str = "") -> None:
        # Forms are posted to the bucket's own host in its region, which is the one that the
        # pages' security policy names; boto3's default is the global host and the old signature.
        self._s3 = client(
            "s3",
            region,
            endpoint_url,
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
        )
        self._bucket = bucket
        self._bulkhead = Bulkhead(
            "File storage does not answer at the moment. Nothing is lost; try again.",
            code="unavailable",
        )

    def presigned_post(
        self, key: str, content_type: str, max_bytes: int, expires: timedelta
    ) -> UploadForm:
        """Signed here, without asking S3. Its conditions are those of
        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html"""
        with answering("File storage"):
            form = self._s3.generate_presigned_post(
                self._bucket,
                key,
                Fields={"Content-Type": content_type},
                Conditions=[
                    {"Content-Type": content_type},
                    ["content-length-range", 1, max_bytes],
                ],
                ExpiresIn=int(expires.total_seconds()),
            )
        return UploadForm(form["url"], form["fields"])

    def put(self, key: str, content: bytes, content_type: str) -> None:
        with self._asking():
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type
            )

    def head(self, key: str) -> StoredFile | None:
        try:
            with self._asking():
                found = self._s3.head_object(Bucket=self._bucket, Key=key)
        except NotFound:
            return None
        return StoredFile(
            size=found["ContentLength"],
            content_type=found.get("ContentType", ""),
            etag=found["ETag"].strip('"'),
        )

    def get(self, key: str) -> bytes:
        with self._asking():
            return self._read(key)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with self._asking():
            try:
                return self._read(key, Range=f"bytes={start}-{start + length - 1}")
            except ClientError as error:
                if _code(error) != _PAST_THE_END:
                    raise
                return b""

    def copy(self, source: str, target: str) -> None:
        with self._asking():
            self._s3.copy_object(
                Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
            )

    def delete(self, key: str) -> None:
        with self._asking():
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    def erase(self, key: str) -> None:
        with self._asking():
            pages = self._s3.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=key
            )
            for page in pages:
                for one in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    if one["Key"] == key:
                        self._s3.delete_object(
                            Bucket=self._bucket, Key=key, VersionId=one["VersionId"]
                        )

    def tags(self, key: str) -> dict[str, str]:
        with self._asking():
            found = self._s3.get_object_tagging(Bucket=self._bucket, Key=key)
        return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}

    def ping(self) -> None:
        with answering("File storage"):
            self._s3.head_bucket(Bucket=self._bucket)

    def _read(self, key: str, **how: Any) -> bytes:
        with self._s3.get_object(Bucket=self._bucket, Key=key, **how)["Body"] as body:
            return body.read()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask S3, in its place among our threads. Raises ``NotFound`` and ``Unavailable``."""
        with self._bulkhead.place(), answering("File storage"):
            try:
                yield
            except ClientError as error:
                if _code(error) not in _ABSENT:
                    raise
                raise NotFound("There is no such file.", code="file_not_found") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
