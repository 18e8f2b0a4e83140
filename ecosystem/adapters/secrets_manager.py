"""AWS Secrets Manager: credentials in production."""

import json

from ecosystem.adapters.aws_client import answering, client


class SecretsManager:
    def __init__(self, region: str, endpoint_url: str = "") -> None:
        self._secrets = client("secretsmanager", region, endpoint_url)

    def read(self, arn: str) -> dict[str, str]:
        """A secret that holds a JSON object, as RDS and our template write them."""
        with answering("Secrets Manager"):
            answer = self._secrets.get_secret_value(SecretId=arn)
        return json.loads(answer["SecretString"])
