-- Every committed change of the operators' tables, whoever makes it, leaves one
-- row per consumer and key in the same transaction. Keys only: a consumer reads
-- the current row itself, so a stale value is never applied. Consumers delete
-- exactly the rows they have dealt with; identities commit out of order, so a
-- "greater than the last one" cursor would lose rows.
--
-- Statement-level triggers with transition tables: a bulk update of 10,000 rows
-- fires once. SECURITY DEFINER: the writer needs no right on the log.

create table public.migration_changes (
  seq bigint generated always as identity primary key,
  consumer text not null,
  tbl text not null,
  pk uuid not null,
  at timestamptz not null default clock_timestamp()
);
create index migration_changes_consumer_idx on public.migration_changes (consumer, seq);
alter table public.migration_changes enable row level security;

create table public.migration_consumers (
  consumer text not null,
  tbl text not null,
  primary key (consumer, tbl)
);
alter table public.migration_consumers enable row level security;

create function public.log_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- What the applier writes on this side came from the other one: no loops.
  if current_setting('migration.origin', true) = 'applier' then
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into public.migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.id
    from new_rows r join public.migration_consumers c on c.tbl = tg_table_name;
  elsif tg_op = 'DELETE' then
    insert into public.migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.id
    from old_rows r join public.migration_consumers c on c.tbl = tg_table_name;
  else
    insert into public.migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.id
    from (select id from new_rows union select id from old_rows) r
    join public.migration_consumers c on c.tbl = tg_table_name;
  end if;
  return null;
end $$;

do $$
declare t text;
begin
  foreach t in array array[
    'users', 'operators', 'multi_city_hotel_packages', 'multi_city_hotel_package_cities',
    'multi_city_hotel_package_addons', 'multi_city_hotel_package_exclusions'
  ] loop
    execute format('create trigger %I after insert on public.%I
      referencing new table as new_rows
      for each statement execute function public.log_changes()', t || '_log_insert', t);
    execute format('create trigger %I after update on public.%I
      referencing old table as old_rows new table as new_rows
      for each statement execute function public.log_changes()', t || '_log_update', t);
    execute format('create trigger %I after delete on public.%I
      referencing old table as old_rows
      for each statement execute function public.log_changes()', t || '_log_delete', t);
  end loop;
end $$;

-- The search index in RDS is the first consumer.
insert into public.migration_consumers (consumer, tbl) values
  ('search', 'operators'),
  ('search', 'multi_city_hotel_packages'),
  ('search', 'multi_city_hotel_package_cities');
