"""Agencies, travel agents, customers (group rds); users and operators (group accounts)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import (
    Agency,
    Customer,
    Operator,
    PendingSignUp,
    TravelAgent,
    User,
)
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7

# What was asked for at sign-up (rds) ---------------------------------------------------


def put_pending(session: RoutedSession, row: PendingSignUp) -> None:
    """Remember a sign-up; a later one with the same address takes its place."""
    values = row.model_dump(exclude={"created_at"})
    session.execute(
        insert(PendingSignUp)
        .values(**values)
        .on_conflict_do_update(index_elements=["email"], set_={**values, "created_at": func.now()})
    )


def pending(session: RoutedSession, email: str) -> PendingSignUp | None:
    """What this address asked for, if it is not done yet."""
    return session.get(PendingSignUp, email.lower())


def remove_pending(session: RoutedSession, email: str, subject: str) -> None:
    """Done."""
    session.execute(
        delete(PendingSignUp).where(
            PendingSignUp.email == email.lower(),  # type: ignore[arg-type]
            PendingSignUp.subject == subject,  # type: ignore[arg-type]
        )
    )


# Travel agents and customers (rds) -----------------------------------------------------


def agent(session: RoutedSession, subject: str, email: str) -> TravelAgent | None:
    """The agent with this Cognito ``sub``, or else with this proved address."""
    found = session.scalars(select(TravelAgent).where(TravelAgent.subject == subject)).first()
    if found is None and email:
        found = session.scalars(
            select(TravelAgent).where(func.lower(TravelAgent.email) == email.lower())
        ).first()
        if found is not None:
            session.execute(
                update(TravelAgent)
                .where(TravelAgent.id == found.id)  # type: ignore[arg-type]
                .values(subject=subject)
            )
    return found


def add_agency(session: RoutedSession, name: str, slug: str, country: str, currency: str) -> UUID:
    """A new agency under a free slug made from ``slug``."""
    while True:
        agency_id = uuid7()
        added = session.execute(
            insert(Agency)
            .values(
                id=agency_id,
                slug=_free_slug(session, slug, Agency),
                name=name,
                country=country,
                currency=currency,
            )
            .on_conflict_do_nothing(index_elements=["slug"])
            .returning(Agency.id)  # type: ignore[arg-type]
        ).scalar()
        if added is not None:
            return agency_id


def lock_sign_up(session: RoutedSession, subject: str) -> None:
    """Let only one finish the sign-up of a person at a time, to the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 4))))


def add_agent(
    session: RoutedSession, subject: str, agency_id: UUID, email: str, name: str, role: str
) -> None:
    session.execute(
        insert(TravelAgent).values(
            id=uuid7(),
            subject=subject,
            agency_id=agency_id,
            email=email.lower(),
            full_name=name,
            role=role,
        )
    )


def customer(session: RoutedSession, subject: str, email: str) -> Customer | None:
    """The customer with this Cognito ``sub``, or else with this proved address."""
    found = session.scalars(select(Customer).where(Customer.subject == subject)).first()
    if found is None and email:
        found = session.scalars(
            select(Customer).where(func.lower(Customer.email) == email.lower())
        ).first()
        if found is not None:
            session.execute(
                update(Customer).where(Customer.id == found.id).values(subject=subject)  # type: ignore[arg-type]
            )
    return found


def add_customer(session: RoutedSession, subject: str, email: str, name: str) -> None:
    """A customer; nothing happens if another request has just made her."""
    session.execute(
        insert(Customer)
        .values(id=uuid7(), subject=subject, email=email.lower(), full_name=name)
        .on_conflict_do_nothing()
    )


def choices(session: RoutedSession, customer_id: UUID) -> tuple[str, str]:
    """The language and the display currency a customer chose, empty without a choice."""
    row = session.get(Customer, customer_id)
    return (row.language, row.display_currency) if row else ("", "")


def put_choices(
    session: RoutedSession, customer_id: UUID, language: str | None, currency: str | None
) -> None:
    """Keep a customer's choices; ``None`` leaves one as it is."""
    values = {"language": language, "display_currency": currency}
    given = {name: value for name, value in values.items() if value is not None}
    if given:
        session.execute(
            update(Customer).where(Customer.id == customer_id).values(**given)  # type: ignore[arg-type]
        )


# Operators' people (accounts) ----------------------------------------------------------


def operator_of(session: RoutedSession, user_id: UUID) -> tuple[User, Operator] | None:
    """The founder of an operator with it; of several with the oldest."""
    row = session.execute(
        select(User, Operator)
        .join(Operator, Operator.user_id == User.id)  # type: ignore[arg-type]
        .where(User.id == user_id)  # type: ignore[arg-type]
        .order_by(Operator.created_at, Operator.id)  # type: ignore[arg-type]
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def founder(session: RoutedSession, operator_id: UUID) -> User | None:
    """The person whom the operators' system takes for the owner of an operator."""
    return session.scalars(
        select(User).join(Operator, Operator.user_id == User.id).where(Operator.id == operator_id)  # type: ignore[arg-type]
    ).first()


def set_operator_user(session: RoutedSession, operator_id: UUID, user_id: UUID) -> None:
    """Let the operators' system take somebody else for the owner."""
    session.execute(
        update(Operator).where(Operator.id == operator_id).values(user_id=user_id)  # type: ignore[arg-type]
    )


def change_operator(
    session: RoutedSession, operator_id: UUID, seen: datetime, values: dict[str, Any]
) -> bool:
    """Write ``values`` if the operator was last changed at ``seen``; whether it was."""
    return (
        session.execute(
            update(Operator)
            .where(Operator.id == operator_id, Operator.updated_at == seen)  # type: ignore[arg-type]
            .values(**values, updated_at=func.now())
            .returning(Operator.id)  # type: ignore[arg-type]
        ).first()
        is not None
    )


def user(session: RoutedSession, user_id: UUID) -> User | None:
    """A person of an operator."""
    return session.get(User, user_id)


def user_by_email(session: RoutedSession, email: str) -> User | None:
    """A person of an operator by her address."""
    return session.scalars(select(User).where(func.lower(User.email) == email.lower())).first()


def add_user(session: RoutedSession, user_id: UUID, email: str, name: str) -> None:
    """A person of an operator; the row is locked, whether new or not."""
    session.execute(
        insert(User)
        .values(id=user_id, email=email.lower(), full_name=name)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    session.execute(select(User.id).where(User.id == user_id).with_for_update())  # type: ignore[call-overload]


def add_operator(
    session: RoutedSession, user_id: UUID, name: str, slug: str, country: str, email: str
) -> None:
    """A new operator under a free slug made from ``slug``."""
    while True:
        added = session.execute(
            insert(Operator)
            .values(
                id=uuid7(),
                user_id=user_id,
                slug=_free_slug(session, slug, Operator),
                name=name,
                country=country,
                city="",
                contact_email=email.lower(),
            )
            .on_conflict_do_nothing(index_elements=["slug"])
            .returning(Operator.id)  # type: ignore[arg-type]
        ).scalar()
        if added is not None:
            return


def _free_slug(session: RoutedSession, slug: str, table: type[Agency] | type[Operator]) -> str:
    """``slug``, or with the lowest number behind it that is free now."""
    taken = set(
        session.scalars(
            select(table.slug).where((table.slug == slug) | table.slug.startswith(f"{slug}-"))  # type: ignore[attr-defined]
        )
    )
    if slug not in taken:
        return slug
    return next(name for n in range(2, len(taken) + 3) if (name := f"{slug}-{n}") not in taken)
