"""Amazon DynamoDB: the storefront's read model."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from ecosystem.adapters.aws_client import answering, client
from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import Unavailable
from ecosystem.services.ports.read_model import Index, Item, Scanned

MOST_WRITTEN = 100
"""Actions of one transaction
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)."""
MOST_READ = 100
"""Keys of one BatchGetItem."""
GONE_FOR = timedelta(days=7)
"""How long it is kept that something is gone: no writer is that late."""
_ATTEMPTS = 5
_NEWER = "attribute_not_exists(pk) OR #version < :version"
_SORT = "METADATA"
_REFUSED = "ConditionalCheckFailed"

_write = TypeSerializer().serialize
_read = TypeDeserializer().deserialize


class DynamoDb:
    """One table: ``pk`` and ``sk``, two indexes. An item's own values are in ``doc``."""

    def __init__(
        self,
        region: str,
        table: str,
        endpoint_url: str = "",
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = client("dynamodb", region, endpoint_url)
        self._table = table
        self._now = now
        self._bulkhead = Bulkhead(
            "The read model does not answer at the moment. Nothing is lost; try again.",
            code="unavailable",
        )

    def put(self, items: Sequence[Item]) -> set[str]:
        refused: set[str] = set()
        for start in range(0, len(items), MOST_WRITTEN):
            refused |= self._put(items[start : start + MOST_WRITTEN])
        return refused

    def get(self, keys: Iterable[str]) -> dict[str, Item]:
        wanted = [{"pk": {"S": key}, "sk": {"S": _SORT}} for key in dict.fromkeys(keys)]
        found: dict[str, Item] = {}
        while wanted:
            asked, wanted = wanted[:MOST_READ], wanted[MOST_READ:]
            with self._asking():
                answer = self._dynamodb.batch_get_item(
                    RequestItems={self._table: {"Keys": asked, "ConsistentRead": True}}
                )
            for row in answer["Responses"].get(self._table, ()):
                item = _item(row)
                found[item.key] = item
            # It answers as much as fits; an item that was asked for again comes at the next turn.
            wanted = [
                *answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", ()),
                *wanted,
            ]
        return found

    def find(
        self,
        index: Index,
        partition: str,
        *,
        prefix: str = "",
        before: str = "",
        limit: int | None = None,
    ) -> list[Item]:
        condition, values = f"{index}pk = :partition", {":partition": {"S": partition}}
        if prefix:
            condition += f" AND begins_with({index}sk, :place)"
        elif before:
            condition += f" AND {index}sk < :place"
        if prefix or before:
            values[":place"] = {"S": prefix or before}
        found: list[Item] = []
        after: dict[str, Any] = {}
        while True:
            rest = {} if limit is None else {"Limit": limit - len(found)}
            with self._asking():
                answer = self._dynamodb.query(
                    TableName=self._table,
                    IndexName=index,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    ScanIndexForward=False,
                    **rest,
                    **after,
                )
            found += map(_item, answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if last is None or (limit is not None and len(found) >= limit):
                return found
            after = {"ExclusiveStartKey": last}

    def scan(self, after: str = "", limit: int = 500) -> Scanned:
        start = {"ExclusiveStartKey": {"pk": {"S": after}, "sk": {"S": _SORT}}} if after else {}
        with self._asking():
            answer = self._dynamodb.scan(
                TableName=self._table, Limit=limit, ConsistentRead=True, **start
            )
        last = answer.get("LastEvaluatedKey")
        return Scanned(tuple(map(_item, answer["Items"])), last["pk"]["S"] if last else "")

    def ping(self) -> None:
        with answering("The read model"):
            self._dynamodb.describe_table(TableName=self._table)

    def _put(self, items: Sequence[Item]) -> set[str]:
        refused: set[str] = set()
        left = list(items)
        for attempt in range(_ATTEMPTS):
            try:
                with self._asking():
                    self._write(left)
                return refused
            except _Cancelled as cancelled:
                codes = dict(zip([item.key for item in left], cancelled.codes, strict=False))
            newer = {key for key, code in codes.items() if code == _REFUSED}
            refused |= newer
            left = [item for item in left if item.key not in newer]
            if not left:
                return refused
            if not newer:  # Another transaction is at the same items.
                time.sleep(0.05 * 2**attempt)
        raise Unavailable(
            "The read model is being written by somebody else. Nothing is lost; we try again.",
            code="unavailable",
        )

    def _write(self, items: Sequence[Item]) -> None:
        """One item alone, which costs half as much, or all of them together.

        Raises ``_Cancelled``: nothing was written.
        """
        try:
            if len(items) == 1:
                self._dynamodb.put_item(**self._action(items[0]))
            else:
                self._dynamodb.transact_write_items(
                    TransactItems=[{"Put": self._action(item)} for item in items]
                )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ConditionalCheckFailedException":
                raise _Cancelled([_REFUSED]) from error
            if code == "TransactionConflictException":
                raise _Cancelled(["TransactionConflict"]) from error
            if code == "TransactionCanceledException":
                reasons = error.response.get("CancellationReasons", ())
                raise _Cancelled([reason.get("Code", "") for reason in reasons]) from error
            raise

    def _action(self, item: Item) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": self._attributes(item),
            "ConditionExpression": _NEWER,
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(item.version)}},
        }

    def _attributes(self, item: Item) -> dict[str, Any]:
        made: dict[str, Any] = {
            "pk": {"S": item.key},
            "sk": {"S": _SORT},
            "version": {"N": str(item.version)},
        }
        if item.values is None:
            return made | {
                "gone": {"BOOL": True},
                "expires_at": {"N": str(int(self._now() + GONE_FOR.total_seconds()))},
            }
        made["doc"] = _write(item.values)
        for name, place in (("gsi1", item.gsi1), ("gsi2", item.gsi2)):
            if place is not None:
                made[f"{name}pk"], made[f"{name}sk"] = {"S": place[0]}, {"S": place[1]}
        return made

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with self._bulkhead.place(), answering("The read model"):
            yield


class _Cancelled(Exception):
    """A write that did not happen, with a code for each of its items."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(codes)
        self.codes = codes


def _item(row: dict[str, Any]) -> Item:
    def place(index: str) -> tuple[str, str] | None:
        found = row.get(f"{index}pk")
        return (found["S"], row[f"{index}sk"]["S"]) if found else None

    return Item(
        row["pk"]["S"],
        int(row["version"]["N"]),
        _plain(_read(row["doc"])) if "doc" in row else None,
        place("gsi1"),
        place("gsi2"),
    )


def _plain(value: Any) -> Any:
    """What was written: numbers come back as decimals."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, Decimal) else value
