-- Who may write a moving table, decided inside the database that would be written.

-- One row a group of tables that moves. A gate is closed for a while (until `closed_until`, so
-- that it opens by itself when the process that closed it dies) or for good (`final`).
-- `epoch` is that of the change of authority which closed or opened it last: a process that
-- slept over a later one changes nothing.

create table public.migration_gates (
  move_group text primary key,
  epoch integer not null default 1,
  closed_at timestamptz,
  closed_until timestamptz,
  token uuid,
  final boolean not null default false
);
insert into public.migration_gates (move_group) values
  ('package_extras'), ('packages'), ('accounts');

-- How a transaction of the product begins: it holds the group's lock until its end, which
-- whoever closes the gate waits for, and asks after it has the lock.
create function public.migration_open(asked text) returns boolean
language plpgsql set search_path = '' as $$
declare gate public.migration_gates;
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(7204114, pg_catalog.hashtext(asked));
  select * into gate from public.migration_gates g where g.move_group = asked;
  if not gate.final and gate.closed_until <= pg_catalog.clock_timestamp() then
    -- Its time is over: whoever makes it final at this moment is waited for.
    select * into gate from public.migration_gates g where g.move_group = asked for share;
  end if;
  return not (gate.final
    or coalesce(gate.closed_until > pg_catalog.clock_timestamp(), false));
end $$;

-- What everybody else meets. Enabled when a gate is closed: that waits for transactions which
-- are writing the table. What is copied from the other database passes.
create function public.migration_moved() returns trigger
language plpgsql security definer set search_path = '' as $$
declare gate public.migration_gates;
begin
  if current_setting('migration.origin', true) = 'applier' then
    return null;
  end if;
  select * into gate from public.migration_gates g where g.move_group = tg_argv[0];
  if not (gate.final or coalesce(gate.closed_until > clock_timestamp(), false)) then
    if gate.closed_until is null
       and current_setting('transaction_isolation') = 'read committed' then
      return null;
    end if;
    -- The time is over, or what we see is as old as this transaction: whoever makes the gate
    -- final now is waited for, and waits for us.
    select * into gate from public.migration_gates g where g.move_group = tg_argv[0] for share;
    if not (gate.final or coalesce(gate.closed_until > clock_timestamp(), false)) then
      return null;
    end if;
  end if;
  if gate.final then
    raise exception '% is not written in this database any more', tg_table_name
      using errcode = 'MG001',
        detail = format('The tables of %s have moved to %s. Nothing was changed here.',
                        tg_argv[0], tg_argv[1]),
        hint = format('Connect to %s and write there.', tg_argv[1]);
  end if;
  raise exception '% is being moved at this moment', tg_table_name
    using errcode = 'MG001',
      detail = format('The tables of %s are moving to %s. Nothing was changed.',
                      tg_argv[0], tg_argv[1]),
      hint = 'Try again in a second.';
end $$;

do $$
declare
  moving record;
begin
  for moving in
    select * from (values
      ('package_extras', 'multi_city_hotel_package_addons'),
      ('package_extras', 'multi_city_hotel_package_exclusions'),
      ('packages', 'multi_city_hotel_packages'),
      ('packages', 'multi_city_hotel_package_cities'),
      ('accounts', 'users'),
      ('accounts', 'operators')
    ) as t (move_group, tbl)
  loop
    execute format('create trigger migration_moved before insert or update or delete or truncate
      on public.%I for each statement execute function public.migration_moved(%L, %L)',
      moving.tbl, moving.move_group, 'RDS');
    execute format('alter table public.%I disable trigger migration_moved', moving.tbl);
  end loop;
end $$;

alter table public.migration_gates enable row level security;
-- Only our own role asks; people who come by the API have no business here.
revoke execute on function public.migration_open(text) from public;
do $$
declare who text;
begin
  foreach who in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = who) then
      execute format('revoke all on public.migration_gates from %I', who);
      execute format('revoke execute on function public.migration_open(text) from %I', who);
    end if;
  end loop;
end $$;
