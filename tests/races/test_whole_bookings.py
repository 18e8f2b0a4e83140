"""200 buyers want one of 10 seats, through HTTP, up to the payment; some pay a deposit, some
cancel and their seats are sold again. In the end exactly 10 are sold and every cent is somewhere."""

import asyncio
import hashlib
import hmac
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ecosystem.database.engines import Address
from ecosystem.database.placement import RDS
from tests.local.stripe.under_test import KEY, SECRETS
from tests.money_facts import true_at_rest
from tests.product import Offer, Product
from tests.races.test_seats import SLOW_CLAIMS
from tests.served import api_server

BUYERS = 200
SEATS = 10
MINDS_CHANGED = 5
PATIENCE = 120.0
AGAIN = (429, 503)


@dataclass
class Rush:
    """What the buyers have in common. ``leaving`` counts those who will still give a seat back;
    after ``enough`` confirmed bookings the others lose interest."""

    product: Product
    made: Offer
    api: httpx.AsyncClient
    stripe: httpx.AsyncClient
    leaving: int
    enough: int
    ends: float = field(default_factory=lambda: time.monotonic() + PATIENCE)
    confirmed: int = 0

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request, again while the product says that it is busy."""
        while True:
            answer = await self.api.request(method, path, json=body, headers=headers)
            if answer.status_code not in AGAIN or time.monotonic() > self.ends:
                return answer
            await asyncio.sleep(0.1)

    async def seat(self) -> str | None:
        """A hold, or None once nobody will give a seat back any more."""
        wanted = {"departure_id": str(self.made.departure_id), "adults": 1}
        while time.monotonic() < self.ends:
            last = self.leaving == 0
            answer = await self.ask("POST", "/api/holds", wanted)
            if answer.status_code == 201:
                return answer.json()["id"]
            assert answer.status_code == 409, answer.text
            assert answer.json()["code"] == "sold_out"
            if last:
                return None
            await asyncio.sleep(random.uniform(0.4, 1.2))
        return None

    async def buy(self, number: int) -> None:
        """One buyer from the hold to the confirmed booking, or to changing her mind."""
        hold = await self.seat()
        if hold is None or self.confirmed >= self.enough:
            return
        form = {
            "hold_id": hold,
            "lead": {"name": f"Buyer {number}", "email": f"buyer{number}@example.com"},
            "pay": "deposit" if number % 2 else "full",
        }
        booked = await self._book(form)
        if self.confirmed >= self.enough:
            return
        page = booked["checkout_url"].rpartition("/")[2]
        reference = booked["reference"]
        pay = {"card": "4242424242424242"}
        control = {"Authorization": f"Bearer {KEY}"}
        paid = await self.stripe.post(f"/_control/sessions/{page}/pay", json=pay, headers=control)
        assert paid.status_code == 200, paid.text
        await self._tell(page)
        await self._until_confirmed(reference)
        if self.leaving > 0:
            self.leaving -= 1
            key = await asyncio.to_thread(self._key, reference)
            gone = await self.ask("POST", f"/api/bookings/{reference}/cancellation?key={key}", {})
            assert gone.status_code == 200, gone.text

    async def _book(self, form: dict[str, Any]) -> dict[str, Any]:
        """The same hold gives the same booking; asking again opens the page Stripe owed us."""
        while True:
            booked = await self.ask("POST", "/api/bookings", form)
            assert booked.status_code == 201, booked.text
            if booked.json()["checkout_url"] or self.confirmed >= self.enough:
                return booked.json()
            assert time.monotonic() < self.ends, "no payment page"
            await asyncio.sleep(0.5)

    async def _tell(self, page: str) -> None:
        """The webhook, twice at once: Stripe promises no less."""
        item = {"id": page, "object": "checkout.session"}
        body = json.dumps(
            {
                "id": f"evt_{page}",
                "object": "event",
                "type": "checkout.session.completed",
                "created": int(time.time()),
                "data": {"object": item},
            }
        )
        now = int(time.time())
        signed = f"{now}.{body}".encode()
        mark = hmac.new(SECRETS["/hook"].encode(), signed, hashlib.sha256).hexdigest()
        headers = {
            "Stripe-Signature": f"t={now},v1={mark}",
            "Content-Type": "application/json",
        }
        answers = await asyncio.gather(
            *(self.api.post("/api/stripe/webhook", content=body, headers=headers) for _ in range(2))
        )
        assert {answer.status_code for answer in answers} == {200}

    async def _until_confirmed(self, reference: str) -> None:
        while time.monotonic() < self.ends and self.confirmed < self.enough:
            answer = await self.ask("GET", f"/api/bookings/{reference}")
            if answer.json()["status"] == "confirmed":
                self.confirmed += 1
                return
            await asyncio.sleep(0.2)
        assert self.confirmed >= self.enough, f"{reference} was paid and never confirmed"

    def _key(self, reference: str) -> str:
        """As the link in her e-mail has it."""
        sql = "select view_key from bookings where reference = :reference"
        return self.product.one(sql, reference=reference).view_key


async def rush(
    product: Product, made: Offer, url: str, *, buyers: int, leaving: int, enough: int
) -> Rush:
    limits = httpx.Limits(max_connections=buyers)
    async with (
        httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits) as api,
        httpx.AsyncClient(base_url=product.stripe.base, timeout=PATIENCE) as stripe,
    ):
        running = Rush(product, made, api, stripe, leaving, enough)
        await asyncio.gather(*(running.buy(number) for number in range(buyers)))
        return running


@pytest.mark.timeout(500)
@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_ten_seats_are_sold_whatever_the_others_do(
    product: Product, addresses: dict[str, Address], tmp_path: Path, lock: bool
) -> None:
    made = product.offer(seats=SEATS)
    with product.database.unit(RDS) as session:
        session.execute(text(SLOW_CLAIMS))
    secrets = {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": product.stripe.base,
        "STRIPE_WEBHOOK_SECRET": SECRETS["/hook"],
    }
    over = threading.Event()

    def worker() -> None:
        while not over.is_set():
            if not product.services.inbox.step() + product.services.outbox.step():
                time.sleep(0.05)

    working = threading.Thread(target=worker)
    working.start()
    try:
        with api_server(addresses, tmp_path / "api", lock=lock, **secrets) as url:
            leaving = MINDS_CHANGED if lock else 0
            # The control ends once it has oversold: fewer buyers are enough for that.
            buyers, enough = (BUYERS, BUYERS) if lock else (BUYERS // 4, SEATS + 1)
            ended = asyncio.run(
                rush(product, made, url, buyers=buyers, leaving=leaving, enough=enough)
            )
    finally:
        over.set()
        working.join()
    product.work()
    sold = product.one(
        "select coalesce(sum(seats), 0) as n from seat_claims"
        " where departure_id = :id and state = 'sold'",
        id=made.departure_id,
    ).n
    if not lock:
        assert sold > SEATS, "without the row lock this race must oversell, or it proves nothing"
        return
    assert sold == SEATS
    assert ended.confirmed == SEATS + MINDS_CHANGED
    with product.database.unit(RDS) as session:
        rows = session.execute(text("select id, status from bookings")).all()
    assert (
        sorted(row.status for row in rows) == ["cancelled"] * MINDS_CHANGED + ["confirmed"] * SEATS
    )
    true_at_rest(product, [row.id for row in rows])
    assert len({mail.id for mail in product.postbox.sent}) == len(product.postbox.sent)
