-- What a buyer's bank kept of a payment for good. The rest of it is a payment like any other: it
-- can be refunded, and the parties get their shares of it.
alter table payments
  add column lost_minor bigint not null default 0,
  add constraint payments_lost_minor
    check (lost_minor >= 0 and refunded_minor + lost_minor <= amount_minor);

update payments p
set lost_minor = least(lost.minor, p.amount_minor - p.refunded_minor)
from (
  select payment_id, sum(amount_minor) as minor from disputes where status = 'lost' group by 1
) lost
where lost.payment_id = p.id and p.status = 'disputed';

update payments p
set status = case when refunded_minor > 0 then 'partially_refunded' else 'paid' end,
    transfers_planned_at = null
where status = 'disputed' and lost_minor > 0 and refunded_minor + lost_minor < amount_minor
  and not exists (select from disputes d where d.payment_id = p.id and d.closed_at is null);

-- Somebody is handing the evidence of a dispute in, since then.
alter table disputes add column evidence_begun_at timestamptz;

-- Money may come back because operations corrected what a party has earned.
alter table transfer_reversals
  drop constraint transfer_reversals_reason,
  add constraint transfer_reversals_reason
    check (reason in ('change', 'dispute', 'stripe', 'adjustment'));

-- What the last comparison of the ledger with our rows and with Stripe's balance found.
create table ledger_checks (
  name text primary key,
  at timestamptz not null,
  differences jsonb default '[]'::jsonb not null,
  silent text default '' not null
);

-- Few wait at a time, of all there ever were.
create index booking_changes_waiting_idx on booking_changes (booking_id) where state = 'waiting';
create index bookings_pending_idx on bookings (claim_id) where status = 'pending_payment';
