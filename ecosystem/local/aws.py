"""AWS on this machine: MiniStack as a subprocess, with the product's own infrastructure in it.

The same CloudFormation template as in production is deployed at each start, which changes
nothing when it is already there. MiniStack writes its state to disk on a clean stop.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ecosystem.local.processes import Process, ProcessFailed, child_environment, free_port

ACCESS_KEY = "test"
SECRET_KEY = "test"  # the fixed key of the stand-in, not a secret
REGION = "eu-west-1"
STACK_NAME = "ecosystem"
TEMPLATE = Path(__file__).resolve().parents[2] / "aws" / "infrastructure" / "ecosystem.yaml"

_START_SECONDS = 60.0
_DEPLOY_SECONDS = 60.0
_MARK = "ecosystem:deployed"
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


class AwsFailed(Exception):
    """MiniStack or the deployment of our template failed; the message says why."""


@dataclass(frozen=True)
class Infrastructure:
    """What the template made, by the names that the settings use."""

    user_pool_id: str
    client_id: str
    bucket: str
    table: str
    table_stream_arn: str
    database_secret_arn: str


def client_for(service: str, endpoint: str, region: str = REGION) -> Any:
    """A boto3 client of the stand-in, whatever AWS profile the person's shell has."""
    session = Session(
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=region
    )
    return session.client(
        service,
        endpoint_url=endpoint,
        config=Config(retries={"max_attempts": 2, "mode": "standard"}, connect_timeout=5),
    )


def _mark_of(stack: dict[str, Any]) -> str:
    tags = {str(tag["Key"]): str(tag["Value"]) for tag in stack.get("Tags", [])}
    return tags.get(_MARK, "")


class EmbeddedAws:
    """One MiniStack with its state in one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        persist: bool = True,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Nothing runs before :meth:`start`.

        Args:
            folder: its state; belongs to this instance alone.
            port: 0 means a free one, chosen at the start.
            persist: False forgets everything at the end (tests).
            on_line: called with each line it logs.
        """
        self.folder = folder.resolve()
        self.port = port
        self.persist = persist
        self._on_line = on_line
        self._process: Process | None = None

    @property
    def endpoint(self) -> str:
        """The address of every AWS service: ``AWS_ENDPOINT_URL``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> Process:
        """The running MiniStack.

        Raises:
            AwsFailed: it does not run.
        """
        if self._process is None:
            raise AwsFailed("MiniStack does not run")
        return self._process

    def client(self, service: str) -> Any:
        """A boto3 client for this instance."""
        return client_for(service, self.endpoint)

    def start(self) -> None:
        """Start MiniStack and wait until it answers.

        Raises:
            AwsFailed: with its last lines.
        """
        if not self.port:
            self.port = free_port()
        for name in ("state", "s3", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._process = Process(
            "aws",
            [sys.executable, "-m", "ministack"],
            environment=child_environment(self._environment()),
            cwd=self.folder,
            stop_seconds=15,
            on_line=self._on_line,
        )
        try:
            self._process.start()
            self._process.wait_until(self._answers, _START_SECONDS)
        except ProcessFailed as error:
            self.stop()
            raise AwsFailed(str(error)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it cleanly, which is when it writes its state."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _environment(self) -> dict[str, str]:
        persist = "1" if self.persist else "0"
        return {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            # Without it any confirmation code is right and tokens outlive a sign-out.
            "AUTH": "true",
            # Otherwise they listen on every interface of the machine.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": persist,
            "STATE_DIR": str(self.folder / "state"),
            "S3_PERSIST": persist,
            "S3_DATA_DIR": str(self.folder / "s3"),
            "TMPDIR": str(self.folder / "tmp"),
            "LOG_LEVEL": "WARNING",
            # Its containers are for services that we do not use.
            "DOCKER_HOST": f"unix://{self.folder / 'no-docker'}",
            "MINISTACK_WORKER_THREADS": str(4 * (os.cpu_count() or 2)),
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    # --- our infrastructure -------------------------------------------------------------

    def deploy(
        self,
        *,
        web_origins: list[str],
        sender: str,
        secrets: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Infrastructure:
        """Bring our template, the sender's address and the credentials in; repeatable.

        A mark on the stack says what was brought in last, so that a start with nothing new
        asks one question. It is kept and lost together with all that it stands for.

        Args:
            web_origins: origins whose pages may upload files.
            sender: the address that mail is sent from.
            secrets: values by secret name (``ecosystem/rds``).
        Raises:
            AwsFailed: the template was refused; the message says by which resource.
        """
        template = TEMPLATE.read_text(encoding="utf-8")
        wanted = json.dumps([template, web_origins, sender, secrets], default=dict, sort_keys=True)
        mark = hashlib.sha256(wanted.encode()).hexdigest()
        try:
            formation = self.client("cloudformation")
            stack = self._stack(formation)
            if stack is None or stack["StackStatus"] not in _DONE or _mark_of(stack) != mark:
                self.client("ses").verify_email_identity(EmailAddress=sender)
                self._deploy_template(formation, template, web_origins, mark, new=stack is None)
                self._write_secrets(secrets or {})
                stack = self._deployed(formation)
        except (ClientError, BotoCoreError) as error:
            raise AwsFailed(f"deploying {TEMPLATE.name} failed: {error}") from error
        outputs = {str(item["OutputKey"]): str(item["OutputValue"]) for item in stack["Outputs"]}
        return Infrastructure(
            user_pool_id=outputs["UserPoolId"],
            client_id=outputs["UserPoolClientId"],
            bucket=outputs["BucketName"],
            table=outputs["TableName"],
            table_stream_arn=outputs["TableStreamArn"],
            database_secret_arn=outputs["DatabaseSecretArn"],
        )

    def _deploy_template(
        self, formation: Any, template: str, web_origins: list[str], mark: str, *, new: bool
    ) -> None:
        arguments = {
            "StackName": STACK_NAME,
            "TemplateBody": template,
            "Parameters": [
                {"ParameterKey": "Stage", "ParameterValue": "local"},
                {"ParameterKey": "WebOrigins", "ParameterValue": ",".join(web_origins)},
            ],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": _MARK, "Value": mark}],
        }
        if new:
            formation.create_stack(**arguments)
        else:
            try:
                formation.update_stack(**arguments)
            except ClientError as error:
                if "No updates are to be performed" not in str(error):
                    raise
        self._deployed(formation)

    def _stack(self, formation: Any) -> dict[str, Any] | None:
        try:
            return formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _deployed(self, formation: Any) -> dict[str, Any]:
        """The stack, once its deployment is over."""
        deadline = time.monotonic() + _DEPLOY_SECONDS
        while True:
            stack = self._stack(formation)
            status = "NONE" if stack is None else str(stack["StackStatus"])
            if stack is not None and status in _DONE:
                return stack
            if not status.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
                raise AwsFailed(
                    f"deploying {TEMPLATE.name} ended in {status}: "
                    f"{self._first_failure(formation)} (to start empty, delete {self.folder})"
                )
            time.sleep(0.05)

    def _first_failure(self, formation: Any) -> str:
        events = formation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
        failed = [event for event in events if str(event["ResourceStatus"]).endswith("_FAILED")]
        if not failed:
            return "no resource says why"
        first = failed[-1]
        return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason')}"

    def _write_secrets(self, secrets: Mapping[str, Mapping[str, str]]) -> None:
        manager = self.client("secretsmanager")
        for name, values in secrets.items():
            wanted = json.dumps(dict(values), sort_keys=True)
            try:
                current = manager.get_secret_value(SecretId=name).get("SecretString")
            except manager.exceptions.ResourceNotFoundException:
                current = None
            if current != wanted:
                manager.put_secret_value(SecretId=name, SecretString=wanted)
