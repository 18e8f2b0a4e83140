-- What a booking keeps of what its agency and its operator agreed on: the model, by what the public
-- rates were multiplied, and the agency's exact percentage of what is charged.

-- Without a precision: no row is written anew.
alter table bookings alter column commission_percent type numeric;
alter table bookings
  add column agency_model text default 'commission' not null,
  add column contract_id uuid references agency_contracts (id),
  add column price_factor numeric default 1 not null,
  add column agency_percent numeric(5, 2),
  add column markup_percent numeric(7, 4),
  add column agency_days integer default 0 not null,
  add constraint bookings_agency_model check
    (agency_model in ('commission', 'net', 'agency_collects', 'operator_pays_later')),
  add constraint bookings_price_factor check (price_factor > 0);

-- What an agency owes that collects from its client itself.
alter table payments drop constraint payments_kind;
alter table payments add constraint payments_kind
  check (kind in ('full', 'deposit', 'balance', 'change', 'account'));
create index payments_account_idx on payments (due_on)
  where kind = 'account' and status in ('due', 'failed');

-- A commission that its operator pays some days after the trip.
alter table transfers add column due_at timestamptz;
