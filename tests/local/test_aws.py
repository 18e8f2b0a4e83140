"""AWS on this machine: our own template, as production has it, kept over restarts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from ecosystem.local.aws import REGION, EmbeddedAws, Infrastructure
from ecosystem.local.demo_data.accounts import OPS, ensure_cognito
from ecosystem.local.mailbox.messages import fetch
from ecosystem.settings import Settings

ORIGINS = ["http://localhost:3000"]
SENDER = "hello@ecosystem.example"
PASSWORD = "Demo-Pass-2026!"
SECRETS = {"ecosystem/stripe": {"secret_key": "sk_test_1"}}

pytestmark = pytest.mark.xdist_group("aws")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(scope="module")
def aws(folder: Path) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(folder) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def made(aws: EmbeddedAws) -> Infrastructure:
    return aws.deploy(web_origins=ORIGINS, sender=SENDER, secrets=SECRETS)


def test_deploying_again_changes_nothing(aws: EmbeddedAws, made: Infrastructure) -> None:
    assert aws.deploy(web_origins=ORIGINS, sender=SENDER, secrets=SECRETS) == made


def test_a_change_is_brought_in_and_keeps_what_is_there(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    other = aws.deploy(web_origins=["https://eco.example"], sender=SENDER, secrets=SECRETS)
    assert other == made
    rules = aws.client("s3").get_bucket_cors(Bucket=made.bucket)["CORSRules"]
    assert rules[0]["AllowedOrigins"] == ["https://eco.example"]
    aws.deploy(web_origins=ORIGINS, sender=SENDER, secrets=SECRETS)


def test_the_pool_has_groups_a_password_policy_and_optional_totp(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    cognito = aws.client("cognito-idp")
    pool = cognito.describe_user_pool(UserPoolId=made.user_pool_id)["UserPool"]
    assert pool["Name"] == "travel-agents-pool"
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 10
    groups = cognito.list_groups(UserPoolId=made.user_pool_id)["Groups"]
    assert {group["GroupName"] for group in groups} == {
        "agents",
        "blocked_at_supabase",
        "customers",
        "ops",
        "owners",
        "providers",
    }


def test_the_app_client_is_public_srp_only_and_writes_no_role(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    client = aws.client("cognito-idp").describe_user_pool_client(
        UserPoolId=made.user_pool_id, ClientId=made.client_id
    )["UserPoolClient"]
    assert "ClientSecret" not in client
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]
    assert {"custom:agency_id", "custom:supabase_id"} <= set(client["ReadAttributes"])


def test_the_table_has_both_indexes_and_its_stream(aws: EmbeddedAws, made: Infrastructure) -> None:
    table = aws.client("dynamodb").describe_table(TableName=made.table)["Table"]
    assert made.table == "EcosystemMarketplace"
    assert {key["AttributeName"] for key in table["KeySchema"]} == {"pk", "sk"}
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"gsi1", "gsi2"}
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_the_bucket_is_private_encrypted_and_versioned(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    s3 = aws.client("s3")
    blocked = s3.get_public_access_block(Bucket=made.bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    assert s3.get_bucket_versioning(Bucket=made.bucket)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=made.bucket)


def test_secrets_hold_what_was_given(aws: EmbeddedAws, made: Infrastructure) -> None:
    assert made
    answer = aws.client("secretsmanager").get_secret_value(SecretId="ecosystem/stripe")
    assert answer["SecretString"] == '{"secret_key": "sk_test_1"}'


def test_a_confirmation_code_is_mailed_and_a_wrong_one_refused(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    cognito = aws.client("cognito-idp")
    _sign_up(cognito, made, "code@demo.example")
    message = fetch(aws.endpoint, to="CODE@demo.example")[0]
    assert "123456" in message.text
    with pytest.raises(ClientError, match="CodeMismatch"):
        cognito.confirm_sign_up(
            ClientId=made.client_id, Username="code@demo.example", ConfirmationCode="000000"
        )


def test_a_demo_person_of_a_run_that_was_killed_gets_a_password(
    aws: EmbeddedAws, made: Infrastructure
) -> None:
    cognito = aws.client("cognito-idp")

    def status() -> str:
        return cognito.admin_get_user(UserPoolId=made.user_pool_id, Username=OPS)["UserStatus"]

    cognito.admin_create_user(
        UserPoolId=made.user_pool_id,
        Username=OPS,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": OPS}],
    )
    assert status() == "FORCE_CHANGE_PASSWORD"
    given: Any = {"aws_endpoint_url": aws.endpoint, "aws_cognito_user_pool_id": made.user_pool_id}
    settings = Settings(_env_file=None, aws_region=REGION, **given)  # pyright: ignore[reportCallIssue]
    ensure_cognito(settings)
    assert status() == "CONFIRMED"


def test_listens_on_this_machine_only(aws: EmbeddedAws) -> None:
    listening = {
        connection.laddr[0]
        for connection in psutil.Process(aws.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_people_and_files_are_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedAws(tmp_path) as first:
        made = first.deploy(web_origins=ORIGINS, sender=SENDER)
        _sign_up(first.client("cognito-idp"), made, "kept@demo.example")
        first.client("s3").put_object(Bucket=made.bucket, Key="a/file", Body=b"kept")
    with EmbeddedAws(tmp_path) as second:
        assert second.deploy(web_origins=ORIGINS, sender=SENDER) == made
        users = second.client("cognito-idp").list_users(UserPoolId=made.user_pool_id)["Users"]
        assert len(users) == 1
        stored = second.client("s3").get_object(Bucket=made.bucket, Key="a/file")
        assert stored["Body"].read() == b"kept"


def _sign_up(cognito: Any, made: Infrastructure, email: str) -> None:
    cognito.sign_up(
        ClientId=made.client_id,
        Username=email,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": email}],
    )
