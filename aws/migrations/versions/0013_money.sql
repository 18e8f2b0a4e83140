-- What happens to a booking's money after it was paid: changes, refunds, transfers, disputes.

create table operator_terms (
  operator_id uuid not null,
  pay_after text default 'departure' not null,
  pay_after_days integer default '1' not null,
  overdue text default 'keep' not null,
  overdue_days integer default '7' not null,
  asks_birth_dates boolean default false not null,
  invoice_name text default '' not null,
  invoice_address text default '' not null,
  tax_number text default '' not null,
  tax_percent numeric(5, 2) default 0 not null,
  updated_at timestamptz default now() not null,
  primary key (operator_id),
  constraint operator_terms_pay_after check (pay_after in ('confirmation', 'departure')),
  constraint operator_terms_pay_after_days check (pay_after_days between 0 and 90),
  constraint operator_terms_overdue check (overdue in ('keep', 'cancel')),
  constraint operator_terms_overdue_days check (overdue_days between 0 and 60),
  constraint operator_terms_tax_percent check (tax_percent between 0 and 50)
);

create table booking_changes (
  id uuid not null,
  booking_id uuid not null,
  kind text not null,
  by text not null,
  actor_id uuid,
  state text default 'done' not null,
  currency char(3) not null,
  before_minor bigint not null,
  after_minor bigint not null,
  refund_minor bigint default 0 not null,
  retained_minor bigint default 0 not null,
  reason text default '' not null,
  detail jsonb default '{}' not null,
  created_at timestamptz default now() not null,
  done_at timestamptz,
  primary key (id),
  constraint booking_changes_kind check (kind in ('cancelled', 'traveller_cancelled', 'addon_cancelled', 'date_changed')),
  constraint booking_changes_by check (by in ('buyer', 'agent', 'operator', 'ops', 'system')),
  constraint booking_changes_state check (state in ('waiting', 'done', 'dropped')),
  constraint booking_changes_amounts check (refund_minor >= 0 and retained_minor >= 0),
  foreign key(booking_id) references bookings (id)
);
create index booking_changes_booking_idx on booking_changes (booking_id);
create unique index booking_changes_once_idx on booking_changes (booking_id) where kind = 'cancelled';

create table refunds (
  id uuid not null,
  booking_id uuid not null,
  payment_id uuid not null,
  change_id uuid,
  payment_intent text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  state text default 'wanted' not null,
  attempt integer default 0 not null,
  stripe_refund_id text,
  failure text,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  primary key (id),
  constraint refunds_amount check (amount_minor > 0),
  constraint refunds_state check (state in ('wanted', 'pending', 'succeeded', 'failed', 'by_hand')),
  constraint refunds_reason check (reason in ('change', 'late', 'twice', 'goodwill')),
  foreign key(booking_id) references bookings (id),
  foreign key(payment_id) references payments (id),
  foreign key(change_id) references booking_changes (id),
  unique (stripe_refund_id)
);
create index refunds_booking_idx on refunds (booking_id);
create index refunds_open_idx on refunds (updated_at) where state in ('wanted', 'pending', 'failed');
create index refunds_payment_idx on refunds (payment_id);

create table transfers (
  id uuid not null,
  booking_id uuid not null,
  payment_id uuid not null,
  party text not null,
  party_id uuid not null,
  stripe_account_id text not null,
  source_charge text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reversed_minor bigint default 0 not null,
  state text default 'wanted' not null,
  attempt integer default 0 not null,
  stripe_transfer_id text,
  failure text,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  primary key (id),
  constraint transfers_party check (party in ('operator', 'agency')),
  constraint transfers_amount check (amount_minor > 0),
  constraint transfers_reversed_minor check (reversed_minor between 0 and amount_minor),
  constraint transfers_state check (state in ('wanted', 'sent', 'failed', 'dropped')),
  foreign key(booking_id) references bookings (id),
  foreign key(payment_id) references payments (id),
  unique (stripe_transfer_id)
);
create index transfers_booking_idx on transfers (booking_id);
create index transfers_open_idx on transfers (updated_at) where state = 'wanted';
create index transfers_party_idx on transfers (party, party_id, created_at);

create table transfer_reversals (
  id uuid not null,
  transfer_id uuid not null,
  booking_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  state text default 'wanted' not null,
  attempt integer default 0 not null,
  stripe_reversal_id text,
  failure text,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  primary key (id),
  constraint transfer_reversals_amount check (amount_minor > 0),
  constraint transfer_reversals_reason check (reason in ('change', 'dispute', 'stripe')),
  constraint transfer_reversals_state check (state in ('wanted', 'done', 'failed')),
  foreign key(transfer_id) references transfers (id),
  foreign key(booking_id) references bookings (id),
  unique (stripe_reversal_id)
);
create index transfer_reversals_booking_idx on transfer_reversals (booking_id);
create index transfer_reversals_open_idx on transfer_reversals (updated_at) where state in ('wanted', 'failed');
create index transfer_reversals_transfer_idx on transfer_reversals (transfer_id);

create table disputes (
  id uuid not null,
  booking_id uuid not null,
  payment_id uuid not null,
  stripe_dispute_id text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  fee_minor bigint default 0 not null,
  reason text not null,
  status text not null,
  evidence_due_by timestamptz,
  evidence_sent_at timestamptz,
  unrecovered_minor bigint default 0 not null,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  closed_at timestamptz,
  primary key (id),
  foreign key(booking_id) references bookings (id),
  foreign key(payment_id) references payments (id),
  unique (stripe_dispute_id)
);
create index disputes_booking_idx on disputes (booking_id);
create index disputes_open_idx on disputes (created_at) where closed_at is null;

create table adjustments (
  id uuid not null,
  booking_id uuid not null,
  debit text not null,
  credit text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  state text default 'proposed' not null,
  proposed_by uuid not null,
  proposed_by_name text not null,
  decided_by uuid,
  decided_by_name text default '' not null,
  created_at timestamptz default now() not null,
  decided_at timestamptz,
  primary key (id),
  constraint adjustments_amount check (amount_minor > 0),
  constraint adjustments_accounts check (debit <> credit),
  constraint adjustments_state check (state in ('proposed', 'approved', 'rejected')),
  constraint adjustments_four_eyes check (state = 'proposed' or decided_by <> proposed_by),
  foreign key(booking_id) references bookings (id)
);
create index adjustments_booking_idx on adjustments (booking_id);
create index adjustments_open_idx on adjustments (created_at) where state = 'proposed';

create table booking_accesses (
  booking_id uuid not null,
  what text not null,
  day date not null,
  address text not null,
  browser text default '' not null,
  first_at timestamptz default now() not null,
  times integer default '1' not null,
  primary key (booking_id, what, day, address),
  foreign key(booking_id) references bookings (id)
);

alter table seat_claims add column extended boolean not null default false;
alter table bookings
  add column lead_phone text not null default '',
  add column revision integer not null default 0;
alter table payments
  add column refunded_minor bigint not null default 0,
  add column change_id uuid references booking_changes (id),
  add column closed_at timestamptz,
  drop constraint payments_kind,
  add constraint payments_kind check (kind in ('full', 'deposit', 'balance', 'change')),
  add constraint payments_refunded_minor check (refunded_minor between 0 and amount_minor);
drop index payments_open_idx;
create index payments_open_idx on payments (updated_at)
  where status in ('due', 'processing', 'failed') and closed_at is null;

-- Statements and the checks of operations read the ledger by account and time.
create index ledger_entries_account_idx on ledger_entries (account, at);
