-- What follows the operators' tables follows them wherever they live: their copies here log every
-- change for the same consumers as in Supabase. Rows that a move brings are no change: it writes
-- them with its origin set and triggers silent.

insert into migration_consumers (consumer, tbl) values
  ('search', 'operators'),
  ('search', 'multi_city_hotel_packages'),
  ('search', 'multi_city_hotel_package_cities');

create function log_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
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
    execute format('create trigger %I after insert on %I referencing new table as new_rows
      for each statement execute function log_changes()', t || '_log_insert', t);
    execute format('create trigger %I after update on %I
      referencing old table as old_rows new table as new_rows
      for each statement execute function log_changes()', t || '_log_update', t);
    execute format('create trigger %I after delete on %I referencing old table as old_rows
      for each statement execute function log_changes()', t || '_log_delete', t);
  end loop;
end $$;
