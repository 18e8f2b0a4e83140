"""Snapshots of the Amazon RDS instance, beside the backups of single tables.

They are begun, not waited for: one takes minutes, and the tables' own backup is complete before.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html
"""

import re
from datetime import datetime

from botocore.exceptions import ClientError

from ecosystem.adapters.aws_client import answering, client
from ecosystem.domain.errors import Unavailable

_OURS = "ecosystem-move-"
"""What our snapshots' names begin with: no other is ever deleted."""

_ENDPOINT = re.compile(
    r"([a-z][a-z0-9-]*)\.[a-z0-9]+\.[a-z]{2}(?:-[a-z]+)+-\d\.rds\.amazonaws\.com(?:\.cn)?"
)


def instance_of(host: str) -> str:
    """The identifier of the instance that answers under ``host``; empty when it is none of RDS.

    An endpoint begins with it:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_CommonTasks.Connect.html
    """
    found = _ENDPOINT.fullmatch(host.lower())
    return found[1] if found else ""


class RdsSnapshots:
    """Implements ``migration.backups.Snapshots`` for one instance."""

    def __init__(self, region: str, instance: str, endpoint_url: str = "") -> None:
        self._rds = client("rds", region, endpoint_url)
        self._instance = instance

    def begin(self, name: str) -> str:
        """Begin a snapshot; returns its identifier. Repeating it changes nothing.

        Raises:
            Unavailable: RDS does not answer, or takes none now (it makes one by itself just then).
        """
        identifier = _OURS + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        with answering("Amazon RDS"):
            try:
                self._rds.create_db_snapshot(
                    DBInstanceIdentifier=self._instance, DBSnapshotIdentifier=identifier
                )
            except ClientError as error:
                said = error.response["Error"]
                if said["Code"] != "DBSnapshotAlreadyExists":
                    raise Unavailable(
                        f"Amazon RDS takes no snapshot of {self._instance} now:"
                        f" {said.get('Message') or said['Code']}",
                        code="unavailable",
                        what="Amazon RDS",
                    ) from error
        return identifier

    def forget(self, before: datetime) -> int:
        """Delete ours that were begun before this moment; returns how many.

        Raises:
            Unavailable: RDS does not answer.
        """
        old: list[str] = []
        with answering("Amazon RDS"):
            pages = self._rds.get_paginator("describe_db_snapshots").paginate(
                DBInstanceIdentifier=self._instance, SnapshotType="manual"
            )
            for page in pages:
                for one in page["DBSnapshots"]:
                    name, began = one["DBSnapshotIdentifier"], one.get("SnapshotCreateTime")
                    if name.startswith(_OURS) and began and began < before:
                        old.append(name)
            for name in old:
                self._rds.delete_db_snapshot(DBSnapshotIdentifier=name)
        return len(old)
