"""The demo people's sign-in: Cognito for agents, customers and ops, Supabase for operators."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import bcrypt
import psycopg

from ecosystem.local.aws import REGION, client_for
from ecosystem.local.console import DEMO_PASSWORD
from ecosystem.local.demo_data.operators import DemoOperator
from ecosystem.local.demo_data.people import DEMO_CUSTOMER, agencies, customers
from ecosystem.local.supabase_auth.accounts import NewUser, insert_users
from ecosystem.settings import Settings

PASSWORD = DEMO_PASSWORD
OPS = "ops@demo.example"
SECOND_OPS = "controller@demo.example"
"""What takes two people of operations can be tried out with this one and ``OPS``."""
_BCRYPT_COST = 10


@dataclass(frozen=True)
class CognitoPerson:
    """``groups`` decide the role; they are assigned on the server only."""

    email: str
    name: str
    groups: tuple[str, ...]


def cognito_people() -> tuple[CognitoPerson, ...]:
    """Everybody who can sign in through Cognito: the contract's demo accounts."""
    agents = [
        CognitoPerson(
            agent.email, agent.name, ("agents", *(("owners",) if agent.role == "owner" else ()))
        )
        for agency in agencies()
        for agent in agency.agents
        if agent.email.endswith("@demo.example")
    ]
    customer = next(one for one in customers() if one.email == DEMO_CUSTOMER)
    return (
        *agents,
        CognitoPerson(customer.email, customer.name, ("customers",)),
        CognitoPerson(OPS, "Robin Hale", ("ops",)),
        CognitoPerson(SECOND_OPS, "Sam Okafor", ("ops",)),
    )


def ensure_cognito(settings: Settings) -> dict[str, str]:
    """Make the Cognito accounts that are missing. Returns the subject of each by e-mail.

    Sign-in state of the local AWS may be lost when it is killed, so this is repeated at each
    start. Nothing is done, and nothing returned, when no local user pool is configured.
    """
    pool = settings.aws_cognito_user_pool_id
    if not pool or not settings.aws_endpoint_url:
        return {}
    client = client_for("cognito-idp", settings.aws_endpoint_url, settings.aws_region or REGION)
    people = cognito_people()
    with ThreadPoolExecutor(3, thread_name_prefix="demo-cognito") as threads:
        subjects = threads.map(lambda person: _ensure(client, pool, person), people)
        return dict(zip((person.email for person in people), subjects, strict=True))


def _ensure(client: Any, pool: str, person: CognitoPerson) -> str:
    try:
        known = client.admin_get_user(UserPoolId=pool, Username=person.email)
        attributes, status = known["UserAttributes"], known["UserStatus"]
    except client.exceptions.UserNotFoundException:
        made = client.admin_create_user(
            UserPoolId=pool,
            Username=person.email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": person.email},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "name", "Value": person.name},
            ],
        )["User"]
        attributes, status = made["Attributes"], made["UserStatus"]
    # Also of a run that was killed before it came to the password.
    if status == "FORCE_CHANGE_PASSWORD":
        client.admin_set_user_password(
            UserPoolId=pool, Username=person.email, Password=PASSWORD, Permanent=True
        )
    for group in person.groups:
        client.admin_add_user_to_group(UserPoolId=pool, Username=person.email, GroupName=group)
    return next(item["Value"] for item in attributes if item["Name"] == "sub")


def store_subjects(connection: psycopg.Connection[Any], subjects: dict[str, str]) -> int:
    """Write subjects that have changed to ``travel_agents`` and ``customers``.

    Returns how many rows were changed: zero unless the pool was made anew.
    """
    changed = 0
    for table in ("travel_agents", "customers"):
        changed += connection.execute(
            f"update {table} set subject = given.subject"  # type: ignore[arg-type]
            " from unnest(%s::text[], %s::text[]) as given (email, subject)"
            f" where lower({table}.email) = given.email"
            f" and {table}.subject is distinct from given.subject",
            (list(subjects), list(subjects.values())),
        ).rowcount
    return changed


def insert_operators_people(
    connection: psycopg.Connection[Any], operators: Iterable[DemoOperator]
) -> int:
    """Sign-in of every operator's person. The password is hashed once for all of them."""
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(_BCRYPT_COST)).decode()
    return insert_users(
        connection,
        [
            NewUser(one.user_id, one.email, hashed, user_metadata={"full_name": one.person})
            for one in operators
        ],
    )
