"""Two editors of one package: what the second is told, and when there is no conflict at all."""

from collections.abc import Callable

import psycopg
from sqlalchemy.exc import IntegrityError

from ecosystem.database.placement import RDS
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import Content
from ecosystem.domain.errors import Conflict, EcosystemError
from ecosystem.services.package_editor.stored import Stored

OUTSIDE = "outside this desk"

Make = Callable[[Stored], Content]


def same_again(database: Database, actor: Actor, known: Stored, version: int, make: Make) -> bool:
    """Whether the one change since ``version`` is this very one, by the same person."""
    if known.version != version + 1 or actor.user_id is None:
        return False
    with database.unit(RDS) as session:
        last = versions.one(session, known.id, known.version)
        base = versions.one(session, known.id, version)
    if last is None or base is None or last.actor_id != actor.user_id:
        return False
    before = Stored(
        known.id, known.operator_id, base.content, version, known.updated_at, known.published_at
    )
    try:
        return _without_ids(make(before)) == _without_ids(known.content)
    except EcosystemError:
        return False


def edited_elsewhere(database: Database, known: Stored, version: int) -> Conflict:
    """What is told to whoever began from ``version``: who has saved since, and which fields."""
    with database.unit(RDS) as session:
        rows = versions.since(session, known.id, version)
    changed = dict.fromkeys(name for row in rows for name in row.changed)
    who = ", ".join(dict.fromkeys(row.actor_name for row in rows if row.actor_name))
    somebody = who if who and who != OUTSIDE else "Somebody else"
    return Conflict(
        f"{somebody} has changed this package since you opened it."
        " Nothing was overwritten: reload to see their version, then save yours.",
        code="edited_elsewhere",
        version=known.version,
        who=who,
        changed=list(changed),
    )


def slug_taken() -> Conflict:
    return Conflict(
        "This address is in use already. Choose another one.",
        code="slug_taken",
    )


def about_slug(error: IntegrityError) -> bool:
    """Whether the address is what two packages can't share."""
    return isinstance(error.orig, psycopg.Error) and "slug" in (
        error.orig.diag.constraint_name or ""
    )


def _without_ids(content: Content) -> Content:
    return {
        name: [{k: v for k, v in row.items() if k != "id"} for row in value]
        if name in ("stays", "addons", "exclusions")
        else value
        for name, value in content.items()
    }
