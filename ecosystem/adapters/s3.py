"""Amazon S3: documents, pictures, backups."""

from ecosystem.adapters.aws_client import answering, client


class S3:
    def __init__(self, region: str, bucket: str, endpoint_url: str = "") -> None:
        self._s3 = client("s3", region, endpoint_url)
        self._bucket = bucket

    def ping(self) -> None:
        with answering("File storage"):
            self._s3.head_bucket(Bucket=self._bucket)
