"""Amazon DynamoDB: the storefront's read model."""

from ecosystem.adapters.aws_client import answering, client


class DynamoDb:
    def __init__(self, region: str, table: str, endpoint_url: str = "") -> None:
        self._dynamodb = client("dynamodb", region, endpoint_url)
        self._table = table

    def ping(self) -> None:
        with answering("The read model"):
            self._dynamodb.describe_table(TableName=self._table)
