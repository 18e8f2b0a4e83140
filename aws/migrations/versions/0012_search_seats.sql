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
-- are those of this moment. A thousand seats and more are never taken as certain, so that
-- adding up claims has an end.
create function log_seat_levels() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, d.package_id
    from (
      select departure_id, coalesce(sum(seats) filter (where state <> 'released'), 0) as taken,
        coalesce(sum(seats) filter (where state = 'sold'), 0) as sold
      from new_rows group by departure_id
    ) step
    join departures d on d.id = step.departure_id and d.capacity < 1000
    cross join lateral (
      select d.capacity - coalesce(sum(s.seats), 0) as least,
        d.capacity - coalesce(sum(s.seats) filter (where s.state = 'sold'), 0) as most
      from seat_claims s where s.departure_id = d.id and s.state <> 'released'
    ) now
    join migration_consumers c on c.tbl = tg_table_name
    where seat_level(now.least) <> seat_level(now.least + step.taken)
      or seat_level(now.most - 1) <> seat_level(now.most - 1 + step.sold);
  else
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, d.package_id
    from (
      select departure_id, sum(taken) as taken, sum(sold) as sold from (
        select departure_id, case when state <> 'released' then seats else 0 end as taken,
          case when state = 'sold' then seats else 0 end as sold from new_rows
        union all
        select departure_id, case when state <> 'released' then -seats else 0 end,
          case when state = 'sold' then -seats else 0 end from old_rows
      ) each_one group by departure_id having sum(taken) <> 0 or sum(sold) <> 0
    ) step
    join departures d on d.id = step.departure_id and d.capacity < 1000
    cross join lateral (
      select d.capacity - coalesce(sum(s.seats), 0) as least,
        d.capacity - coalesce(sum(s.seats) filter (where s.state = 'sold'), 0) as most
      from seat_claims s where s.departure_id = d.id and s.state <> 'released'
    ) now
    join migration_consumers c on c.tbl = tg_table_name
    where seat_level(now.least) <> seat_level(now.least + step.taken)
      or seat_level(now.most - 1) <> seat_level(now.most - 1 + step.sold);
  end if;
  return null;
end $$;
create trigger seat_claims_log_insert after insert on seat_claims
  referencing new table as new_rows for each statement execute function log_seat_levels();
create trigger seat_claims_log_update after update on seat_claims
  referencing old table as old_rows new table as new_rows
  for each statement execute function log_seat_levels();
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
