-- The storefront's read model (DynamoDB) is the second consumer of the change logs. What it holds
-- of a booking depends on the booking, its payments and the name of its agency; all of them are
-- logged under the booking: that is what the consumer has to look at again.

-- Each batch that is written draws a number before it reads: an item is only ever replaced by
-- one with a higher number, so a slow writer never puts an older state over a newer one.
create sequence read_model_version;

insert into migration_consumers (consumer, tbl) values
  ('marketplace', 'bookings'),
  -- Tables that wait here for their move are logged here from that day on.
  ('marketplace', 'operators'), ('marketplace', 'multi_city_hotel_packages');

create function log_booking_changes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.id
    from new_rows r join migration_consumers c on c.tbl = 'bookings';
  elsif tg_op = 'DELETE' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.id
    from old_rows r join migration_consumers c on c.tbl = 'bookings';
  else
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.id
    from (select id from new_rows union select id from old_rows) r
    join migration_consumers c on c.tbl = 'bookings';
  end if;
  return null;
end $$;

-- Of payments only what changes the sum that is paid and the day the next is due.
create function log_payment_changes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.booking_id
    from (select distinct booking_id from new_rows) r
    join migration_consumers c on c.tbl = 'bookings';
  elsif tg_op = 'DELETE' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.booking_id
    from (select distinct booking_id from old_rows) r
    join migration_consumers c on c.tbl = 'bookings';
  else
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, c.tbl, r.booking_id
    from (
      select n.booking_id from new_rows n join old_rows o using (id)
      where (n.booking_id, n.kind, n.status, n.amount_minor, n.refunded_minor, n.due_on,
             n.closed_at)
        is distinct from (o.booking_id, o.kind, o.status, o.amount_minor, o.refunded_minor,
             o.due_on, o.closed_at)
      union
      select o.booking_id from old_rows o left join new_rows n using (id)
      where n.booking_id is distinct from o.booking_id
    ) r
    join migration_consumers c on c.tbl = 'bookings';
  end if;
  return null;
end $$;

create function log_agency_names() returns trigger language plpgsql as $$
begin
  insert into migration_changes (consumer, tbl, pk)
  select c.consumer, c.tbl, b.id
  from new_rows n join old_rows o using (id)
  join bookings b on b.agency_id = n.id
  join migration_consumers c on c.tbl = 'bookings'
  where n.name is distinct from o.name;
  return null;
end $$;

do $$
declare
  t text;
  f text;
begin
  foreach t in array array['bookings', 'payments'] loop
    f := 'log_' || rtrim(t, 's') || '_changes';
    execute format('create trigger %I after insert on %I referencing new table as new_rows
      for each statement execute function %I()', t || '_log_insert', t, f);
    execute format('create trigger %I after update on %I
      referencing old table as old_rows new table as new_rows
      for each statement execute function %I()', t || '_log_update', t, f);
    execute format('create trigger %I after delete on %I referencing old table as old_rows
      for each statement execute function %I()', t || '_log_delete', t, f);
  end loop;
end $$;
create trigger agencies_log_update after update on agencies
  referencing old table as old_rows new table as new_rows
  for each statement execute function log_agency_names();
