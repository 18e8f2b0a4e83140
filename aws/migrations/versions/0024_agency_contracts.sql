-- What operators and agencies have agreed on: how an agency earns on an operator's trips.

create table agency_contracts (
  id uuid not null,
  operator_id uuid not null,
  agency_id uuid not null,
  model text not null,
  percent numeric(5, 2) not null,
  days integer default 0 not null,
  credit_minor bigint,
  currency char(3) not null,
  starts_on date not null,
  ends_on date,
  state text default 'offered' not null,
  offered_by uuid not null,
  offered_at timestamptz default now() not null,
  answered_by uuid,
  answered_at timestamptz,
  ended_by uuid,
  ended_at timestamptz,
  version integer default 1 not null,
  primary key (id),
  constraint agency_contracts_model check (model in ('commission', 'net', 'agency_collects', 'operator_pays_later')),
  constraint agency_contracts_state check (state in ('offered', 'active', 'declined', 'withdrawn', 'ended')),
  constraint agency_contracts_percent check (percent between 0 and 97),
  constraint agency_contracts_days check (days between 0 and 365),
  constraint agency_contracts_credit check (credit_minor >= 0),
  foreign key (agency_id) references agencies (id)
);
create unique index agency_contracts_active_key on agency_contracts (operator_id, agency_id) where state = 'active';
create unique index agency_contracts_offered_key on agency_contracts (operator_id, agency_id) where state = 'offered';
create index agency_contracts_agency_idx on agency_contracts (agency_id, operator_id);
create index agency_contracts_operator_idx on agency_contracts (operator_id, agency_id);
