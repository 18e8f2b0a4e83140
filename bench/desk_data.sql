-- An agency with {bookings} bookings over the last and the next twelve months, their payments and
-- ledger, clients, proposals; and {agencies} small agencies with {each} bookings and as many people
-- as make {agents} agents. Written straight into the tables; the same shape at each run.
-- Triggers that only watch over what the product writes are left out while it is loaded.

set synchronous_commit = off;
alter table ledger_entries disable trigger user;
alter table seat_claims disable trigger user;
alter table departures disable trigger user;

create temp table firm as
select n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id,
  case when n = 0 then {bookings} else {each} end as bookings,
  case when n = 0 then 10 else ceil({agents}::numeric / {agencies}) end::int as people
from generate_series(0, {agencies}) n;
insert into agencies (id, slug, name, country, currency)
select id, 'desk-' || n, 'Desk ' || n, 'IE', 'EUR' from firm;
create temp table person as
select f.n, f.id as agency_id, k,
  ('00000000-0000-7000-8001-' || lpad(to_hex(f.n * 1000 + k), 12, '0'))::uuid as id
from firm f, generate_series(0, f.people - 1) k;
insert into travel_agents (id, agency_id, email, full_name, role)
select id, agency_id, 'agent-' || n || '-' || k || '@desk.example', 'Agent ' || n || ' ' || k,
  case when k = 0 then 'owner' else 'agent' end
from person;
insert into clients (id, agency_id, full_name, email, name_key, words)
select ('00000000-0000-7000-8002-' || lpad(to_hex(f.n * 10000 + k), 12, '0'))::uuid, f.id,
  'Client ' || k, 'client-' || f.n || '-' || k || '@clients.example', 'client ' || k, 'client ' || k
from firm f, generate_series(0, least(f.bookings / 4, 5000) - 1) k;

insert into departures (id, package_id, operator_id, starts_on, ends_on, timezone, capacity, currency)
select ('00000000-0000-7000-8003-' || lpad(to_hex(n), 12, '0'))::uuid,
  ('00000000-0000-7000-8004-' || lpad(to_hex(n / 10), 12, '0'))::uuid,
  ('00000000-0000-7000-8005-' || lpad(to_hex(n / 500), 12, '0'))::uuid,
  day, day + 7, (array['Europe/Rome', 'Asia/Tokyo', 'America/Lima'])[1 + n % 3], 1000, 'EUR'
from (select n, current_date - 380 + (n * 76) / 2000 * 10 + (n % 10) as day
      from generate_series(0, 19999) n) d;

create temp table sale as
select f.n, f.id as agency_id, k, gen_random_uuid() as id, gen_random_uuid() as claim_id,
  at, (at at time zone 'UTC')::date + 20 + (k * 7919) % 120 as starts_on,
  ((k * 7919) % 20000) as d, (50000 + (k::bigint * 104729) % 400000)::int as total, k % 23 as dice, k % 5 as people
from firm f, generate_series(0, f.bookings - 1) k,
  lateral (select now() - interval '400 days' * (f.bookings - k) / f.bookings - interval '1 minute' as at) t;
insert into seat_claims (id, departure_id, package_id, seats, state, expires_at, adults, created_at)
select claim_id, ('00000000-0000-7000-8003-' || lpad(to_hex(d), 12, '0'))::uuid,
  ('00000000-0000-7000-8004-' || lpad(to_hex(d / 10), 12, '0'))::uuid, 2,
  case when dice = 0 then 'released' else 'sold' end, at, 2, at from sale;
insert into bookings (id, reference, status, package_id, operator_id, departure_id, claim_id,
  agency_id, agent_id, client_id, view_key, lead_name, lead_email, travellers, adults, currency,
  total_minor, commission_percent, price, snapshot, starts_on, ends_on, timezone, created_at,
  confirmed_at, updated_at)
select id, 'TRV-' || n || '-' || k,
  case when dice = 0 then 'cancelled' when starts_on + 7 < current_date then 'completed'
    else 'confirmed' end,
  ('00000000-0000-7000-8004-' || lpad(to_hex(d / 10), 12, '0'))::uuid,
  ('00000000-0000-7000-8005-' || lpad(to_hex(d / 500), 12, '0'))::uuid,
  ('00000000-0000-7000-8003-' || lpad(to_hex(d), 12, '0'))::uuid, claim_id, agency_id,
  ('00000000-0000-7000-8001-' || lpad(to_hex(n * 1000 + k % 8), 12, '0'))::uuid,
  ('00000000-0000-7000-8002-' || lpad(to_hex(n * 10000 + k % least({each} / 4, 5000)), 12, '0'))::uuid,
  md5(random()::text), 'Traveller ' || k, 'traveller-' || k || '@clients.example',
  jsonb_build_array(jsonb_build_object('name', 'Traveller ' || k)), 2, 'EUR', total, 12,
  jsonb_build_object('lines', jsonb_build_array(jsonb_build_object('code', 'adults', 'label',
    repeat('a line of a price ', 12), 'quantity', 2, 'amount', total)), 'total', total),
  jsonb_build_object(
    'package', jsonb_build_object('id', d / 10, 'slug', 'trip-' || d / 10, 'title',
      'Nine days in country ' || d % 40, 'nights', 7, 'summary', repeat('What the trip is. ', 20)),
    'operator', jsonb_build_object('id', d / 500, 'slug', 'operator-' || d / 500, 'name',
      'Operator ' || d / 500),
    'cities', jsonb_build_array(
      jsonb_build_object('city', 'City ' || d % 160, 'country',
        chr(65 + d % 40 % 26) || chr(65 + d % 40 / 26), 'nights', 4, 'hotel_name', 'Hotel'),
      jsonb_build_object('city', 'Other', 'country', 'IT', 'nights', 3, 'hotel_name', 'Hotel')),
    'policy', jsonb_build_array(repeat('until when ', 15)), 'addons', '[]'::jsonb),
  starts_on, starts_on + 7, (array['Europe/Rome', 'Asia/Tokyo', 'America/Lima'])[1 + k % 3], at, at, at
from sale;
insert into payments (id, booking_id, kind, currency, amount_minor, status, due_on, pay_token,
  paid_at, created_at, updated_at)
select gen_random_uuid(), id, 'deposit', 'EUR', total / 5, 'paid', at::date, md5(random()::text), at, at, at
from sale
union all
select gen_random_uuid(), id, 'balance', 'EUR', total - total / 5,
  case when starts_on - 10 < current_date then 'paid' else 'due' end, starts_on - 10,
  md5(random()::text), null, at, at
from sale where dice > 0;
insert into ledger_entries (posting_id, booking_id, account, amount_minor, currency, cause, memo, at)
select id, id, account, amount, 'EUR', 'booking:' || id || ':sold', 'Sold', at
from sale, lateral (values ('buyer_receivable', total), ('operator_payable', -(total - total / 10 - total / 20)),
  ('agency_payable', -(total / 10)), ('platform_revenue', -(total / 20))) e(account, amount)
union all
select claim_id, id, account, amount, 'EUR', 'transfer:' || claim_id, 'Paid out', at
from sale, lateral (values ('agency_payable', total / 10), ('platform_cash', -(total / 10))) e(account, amount)
where starts_on < current_date;

insert into quotes (id, agency_id, agent_id, client_id, number, token, title, status, valid_until,
  content, sent_number, sent_at, first_opened_at, last_opened_at, accepted_at, created_at, updated_at)
select gen_random_uuid(), f.id, ('00000000-0000-7000-8001-' || lpad(to_hex(f.n * 1000 + k % 8), 12, '0'))::uuid,
  ('00000000-0000-7000-8002-' || lpad(to_hex(f.n * 10000 + k % least({each} / 4, 5000)), 12, '0'))::uuid,
  'Q-' || k, md5(random()::text), 'A fortnight ' || k,
  (array['draft', 'sent', 'opened', 'accepted', 'declined', 'expired', 'withdrawn'])[1 + k % 7],
  (at + interval '30 days')::date, '{}', 1, at, at, at, case when k % 7 = 3 then at end, at, at
from firm f, generate_series(0, f.bookings / 10 - 1) k,
  lateral (select now() - interval '400 days' * (f.bookings / 10 - k) / (f.bookings / 10) as at) t;
insert into quote_versions (id, quote_id, number, valid_until, sent_by, sent_at)
select gen_random_uuid(), id, 1, valid_until, agent_id, sent_at from quotes where status <> 'draft';

alter table ledger_entries enable trigger user;
alter table seat_claims enable trigger user;
alter table departures enable trigger user;
