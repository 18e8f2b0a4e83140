-- Reports of agencies: where a booking goes, an index that reads their sales without the rows
-- themselves, their earnings by booking, and filters that people keep.

-- Where the trip begins, of the package as it was sold. Written here, so that every writer is covered.
alter table bookings
  add column country char(2),
  add column city text;

create function bookings_destination() returns trigger language plpgsql as $$
begin
  new.country := left(new.snapshot #>> '{cities,0,country}', 2);
  new.city := new.snapshot #>> '{cities,0,city}';
  return new;
end
$$;
create trigger bookings_destination before insert or update of snapshot on bookings
  for each row execute function bookings_destination();
update bookings set
  country = left(snapshot #>> '{cities,0,country}', 2), city = snapshot #>> '{cities,0,city}'
where country is null;

create index bookings_agency_sold_idx on bookings (agency_id, confirmed_at)
  include (id, status, currency, total_minor, adults, children, operator_id, agent_id, country,
           city, starts_on, ends_on, timezone, agency_model, price_factor)
  where agency_id is not null and confirmed_at is not null;

create index ledger_entries_commission_idx on ledger_entries (booking_id)
  include (amount_minor)
  where account = 'agency_payable'
    and cause not like 'transfer:%' and cause not like 'reversal:%';

create table saved_reports (
  id uuid not null,
  agency_id uuid not null,
  agent_id uuid not null,
  name text not null,
  asked text not null,
  shared boolean default false not null,
  created_at timestamptz default now() not null,
  primary key (id),
  constraint saved_reports_name_key unique (agent_id, name),
  foreign key(agency_id) references agencies (id),
  foreign key(agent_id) references travel_agents (id)
);
create index saved_reports_agency_idx on saved_reports (agency_id, name);
