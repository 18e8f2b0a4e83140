"""Links to files for people outside: for a time, counted, taken back, with a code word or none.

The link is told once, when it is made: we keep a hash of its token alone. A code word is asked
for before the file's name is shown; who says it gets a pass for ten minutes.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_documents as queries
from ecosystem.database.queries import audit
from ecosystem.database.tables import AgencyDocument, DocumentShare
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_documents import (
    TYPE_NAMES,
    NewShare,
    SharedView,
    ShareView,
    StoredDocument,
)
from ecosystem.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_documents.desk import own_document, stored
from ecosystem.services.agency_documents.forms import CodeForm, ShareForm
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

SEALED_FOR = "document-shares"
PASS_LASTS = timedelta(minutes=10)
MOST_SHARES = 20
"""Links to one file that are open at a time."""
MOST_WRONG = 10
"""Wrong code words, after which the link opens nothing any more."""
SHORTEST_CODE = 4


class DocumentShares:
    """Of the caller's own agency when they are made; for everybody who has the link after that."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    # --- the agency's side --------------------------------------------------------------

    def of(self, actor: Actor, document_id: UUID) -> tuple[ShareView, ...]:
        """The links to a file, the newest first. Raises ``NotFound``."""
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            own_document(session, agency_id, document_id)
            return tuple(_view(row, now) for row in queries.shares(session, document_id))

    def make(self, actor: Actor, document_id: UUID, form: ShareForm) -> NewShare:
        """A link to a file. Its token is told this once.

        Raises:
            NotFound: none of the agency's files.
            Conflict: ``not_clean``; ``too_many_shares``.
            Invalid: the code word is too short.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        code = _plain(form.code)
        if form.code and len(code) < SHORTEST_CODE:
            raise Invalid.one("code", f"A code word has at least {SHORTEST_CODE} characters.")
        token, share_id = secrets.token_urlsafe(32), uuid7()
        with self._database.unit(RDS) as session:
            row = own_document(session, agency_id, document_id, lock=True)
            if row.state != "clean":
                raise Conflict(
                    "Only a file that was checked and kept can be shared.", code="not_clean"
                )
            before = queries.shares(session, document_id)
            if sum(_state(one, now) == "open" for one in before) >= MOST_SHARES:
                raise Conflict(
                    f"This file has {MOST_SHARES} open links. Take one back first.",
                    code="too_many_shares",
                )
            share = DocumentShare(
                id=share_id,
                document_id=row.id,
                agency_id=agency_id,
                token_hash=_token_hash(token),
                code_hash=_code_hash(share_id, code) if code else "",
                recipient=form.recipient,
                expires_at=now + timedelta(days=form.days),
                created_by=actor.user_id,
                created_by_name=actor.name or actor.email,
                created_at=now,
            )
            session.add(share)
            audit.record(
                session, actor, "document.shared", queries.SUBJECT, row.id,
                share=str(share.id), recipient=form.recipient, days=form.days, code=bool(code),
            )  # fmt: skip
            return NewShare(_view(share, now), token)

    def revoke(self, actor: Actor, document_id: UUID, share_id: UUID) -> None:
        """Take a link back: it opens nothing from now on. Raises ``NotFound``."""
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            own_document(session, agency_id, document_id)
            share = queries.share(session, agency_id, document_id, share_id)
            if share is None:
                raise NotFound("This link does not exist.", code="share_not_found")
            if share.revoked_at is None:
                share.revoked_at = now
                audit.record(
                    session, actor, "document.link_revoked", queries.SUBJECT, document_id,
                    share=str(share.id), recipient=share.recipient,
                )  # fmt: skip

    # --- the side of whoever has the link -----------------------------------------------

    def open(self, actor: Actor, token: str) -> SharedView:
        """What the link leads to; that somebody looked is counted and written down.

        Raises:
            NotFound: no such link.
            Gone: ``link_ended``: its time is over or it was taken back.
        """
        with self._database.unit(RDS) as session:
            share, document, agency = self._found(session, token)
            share.opened += 1
            share.last_used_at = self._clock.now()
            _note(session, actor, "link_opened", share)
            return self._shared(share, document, agency, allowed=not share.code_hash)

    def unlock(self, actor: Actor, token: str, form: CodeForm) -> SharedView:
        """The same after the code word was said. Ten wrong ones end the link.

        Raises:
            Invalid: ``wrong_code``.
            NotFound: no such link.
            Gone: ``link_ended``.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            share, document, agency = self._found(session, token)
            right = not share.code_hash or hmac.compare_digest(
                share.code_hash, _code_hash(share.id, _plain(form.code))
            )
            share.wrong_codes = 0 if right else share.wrong_codes + 1
            share.last_used_at = now
            if not right:
                _note(session, actor, "wrong_code", share)
        if not right:
            raise Invalid.one("code", _("This is not the code word."), code="wrong_code")
        return self._shared(share, document, agency, allowed=True)

    def take(self, actor: Actor, token: str, pass_key: str = "") -> StoredDocument:
        """The file to be handed out; counted and written down before.

        Raises:
            Forbidden: ``code_needed``: a code word is asked for, and the pass is none or too old.
            NotFound: no such link.
            Gone: ``link_ended``.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            share, document, _agency = self._found(session, token)
            if share.code_hash and self._sealer.unseal(pass_key, now, PASS_LASTS) != str(share.id):
                raise Forbidden(
                    _("Open the link and enter the code word first."), code="code_needed"
                )
            share.taken += 1
            share.last_used_at = now
            _note(session, actor, "link_taken", share)
            return stored(document)

    def _found(
        self, session: RoutedSession, token: str
    ) -> tuple[DocumentShare, AgencyDocument, str]:
        row = queries.share_by_token(session, _token_hash(token), lock=True)
        if row is None or row.AgencyDocument.state != "clean":
            raise NotFound(_("There is no document at this address."), code="share_not_found")
        share, agency = row.DocumentShare, row.agency
        if _state(share, self._clock.now()) != "open":
            raise Gone(
                _("This link has ended. Ask {agency} for a new one.").format(agency=agency),
                code="link_ended",
            )
        return share, row.AgencyDocument, agency

    def _shared(
        self, share: DocumentShare, document: AgencyDocument, agency: str, *, allowed: bool
    ) -> SharedView:
        """Nothing of the file itself before the code word was said."""
        file = stored(document)
        return SharedView(
            agency=agency,
            name=file.name if allowed else "",
            type_name=TYPE_NAMES[document.content_type] if allowed else "",
            bytes=document.bytes if allowed else 0,
            expires_at=share.expires_at,
            asks_code=not allowed,
            pass_key=self._sealer.seal(str(share.id), self._clock.now()) if allowed else "",
        )


def _state(share: DocumentShare, now: datetime) -> Any:
    if share.revoked_at is not None:
        return "revoked"
    if share.wrong_codes >= MOST_WRONG:
        return "locked"
    return "open" if now < share.expires_at else "expired"


def _view(share: DocumentShare, now: datetime) -> ShareView:
    return ShareView(
        id=share.id,
        state=_state(share, now),
        recipient=share.recipient,
        with_code=bool(share.code_hash),
        expires_at=share.expires_at,
        opened=share.opened,
        taken=share.taken,
        last_used_at=share.last_used_at,
        created_by=share.created_by_name,
        created_at=share.created_at,
    )


def _note(session: RoutedSession, actor: Actor, what: str, share: DocumentShare) -> None:
    audit.record(
        session, actor, f"document.{what}", queries.SUBJECT, share.document_id,
        share=str(share.id), recipient=share.recipient,
    )  # fmt: skip


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _plain(code: str) -> str:
    """A code word as it may be typed: capitals and spaces make no difference."""
    return "".join(code.casefold().split())


def _code_hash(share_id: UUID, code: str) -> str:
    """Slow to guess (scrypt, RFC 7914), salted with the link's own id."""
    made = hashlib.scrypt(code.encode("utf-8", "replace"), salt=share_id.bytes, n=2**14, r=8, p=1)
    return made.hex()
