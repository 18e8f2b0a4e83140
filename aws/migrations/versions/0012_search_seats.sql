-- Searches with dates without looking at every departure: beside each searched package stand
-- its open days with how many seats are certainly left, and what its facets count.
--
-- Seats are kept by levels. A point of ``seats`` is level * 65536 + days since 2000-01-01: on
-- that day at least the level's seats are free whatever becomes of the holds, as long as the
-- change log does not name the package. A point of ``seats_perhaps`` is a day that may have
-- more than that: holds that may have ended, or a number between two levels.

create function seat_level(seats bigint) returns integer language sql immutable parallel safe
return width_bucket(seats::integer, array[1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 99]);

alter table package_index
  add column facets integer[] default '{}' not null,
  add column seats int4multirange default '{}' not null,
  add column seats_perhaps int4multirange default '{}' not null;

-- A facet counts the highest of the stars only; the places are not a facet.
update package_index i set facets = array(
  select t.id from unnest(i.terms) as c (code) join search_terms t on t.id = c.code
  where t.kind <> 7 and not (t.kind = 5 and exists (
    select from unnest(i.terms) as c2 (code) join search_terms more on more.id = c2.code
    where more.kind = 5 and more.key > t.key))
  order by t.id
);

-- A claim that takes the seats of a departure to another level is logged under its package,
-- in its own transaction: from then on the search looks at the claims themselves, until the
-- index has the new level. Who writes claims holds the departure's row lock, so that the sums
-- are those of this moment; before each row, so that they have the rows before it in the same
-- statement. A thousand seats and more are never taken as certain: adding up has an end.
create function log_seat_levels() returns trigger language plpgsql as $$
declare
  package uuid;
  least bigint;
  most bigint;
  taken integer := case when new.state <> 'released' then new.seats else 0 end;
  sold integer := case when new.state = 'sold' then new.seats else 0 end;
begin
  select d.package_id, d.capacity, d.capacity into package, least, most
  from departures d where d.id = new.departure_id;
  if not found or least >= 1000 then return new; end if;
  select least - coalesce(sum(c.seats), 0),
    most - coalesce(sum(c.seats) filter (where c.state = 'sold'), 0)
  into least, most
  from seat_claims c where c.departure_id = new.departure_id and c.state <> 'released';
  if tg_op = 'UPDATE' then
    taken := taken - case when old.state <> 'released' then old.seats else 0 end;
    sold := sold - case when old.state = 'sold' then old.seats else 0 end;
  end if;
  if seat_level(least) <> seat_level(least - taken)
      or seat_level(most - 1) <> seat_level(most - 1 - sold) then
    insert into migration_changes (consumer, tbl, pk)
    select consumer, tbl, package from migration_consumers where tbl = 'seat_claims';
  end if;
  return new;
end $$;
create trigger seat_claims_log_insert before insert on seat_claims
  for each row execute function log_seat_levels();
create trigger seat_claims_log_update before update on seat_claims
  for each row when ((old.seats, old.state) is distinct from (new.seats, new.state))
  execute function log_seat_levels();
insert into migration_consumers (consumer, tbl) values ('search', 'seat_claims');

-- Where the index is not certain, the days of one package are read from an index alone.
create index departures_package_open_idx on departures (package_id, starts_on)
  include (capacity, id) where status = 'open';

-- Seats that change leave the counts that are kept as they are.
create or replace function change_search_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not exists (select from new_rows) then return null; end if;
  elsif tg_op = 'UPDATE' then
    if not exists (
      select from new_rows n join old_rows o using (package_id)
      where (n.terms, n.document, n.price, n.currency, n.nights)
        is distinct from (o.terms, o.document, o.price, o.currency, o.nights)
    ) then return null; end if;
  end if;
  update search_version set number = number + 1;
  return null;
end $$;
drop trigger package_index_version on package_index;
create trigger package_index_version_insert after insert on package_index
  referencing new table as new_rows for each statement execute function change_search_version();
create trigger package_index_version_update after update on package_index
  referencing old table as old_rows new table as new_rows
  for each statement execute function change_search_version();
create trigger package_index_version_delete after delete on package_index
  for each statement execute function change_search_version();

-- The days of what is in the index already are written by the worker: until then the log makes
-- the search look at departures and claims.
insert into migration_changes (consumer, tbl, pk)
select 'search', 'seat_claims', package_id from package_index;
