-- A clock that is set back ends a closing; before, the gate stayed closed for as long as it was set
-- back. A gate is closed from `closed_at` to `closed_until`, neither earlier nor later.

create or replace function public.migration_open(asked text) returns boolean
language plpgsql set search_path = '' as $$
declare gate public.migration_gates;
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(7204114, pg_catalog.hashtext(asked));
  select * into gate from public.migration_gates g where g.move_group = asked;
  if not gate.final and (gate.closed_until <= pg_catalog.clock_timestamp()
                         or gate.closed_at > pg_catalog.clock_timestamp()) then
    -- Its time is over: whoever makes it final at this moment is waited for. The time that is still
    -- to come, as the clock says now, must find it open as well.
    update public.migration_gates g set token = null, closed_at = null, closed_until = null
    where g.move_group = asked and not g.final and g.closed_at > pg_catalog.clock_timestamp();
    select * into gate from public.migration_gates g where g.move_group = asked for share;
  end if;
  return not (gate.final
    or coalesce(pg_catalog.clock_timestamp() >= gate.closed_at
                and pg_catalog.clock_timestamp() < gate.closed_until, false));
end $$;

create or replace function public.migration_moved() returns trigger
language plpgsql security definer set search_path = '' as $$
declare gate public.migration_gates;
begin
  if current_setting('migration.origin', true) = 'applier' then
    return null;
  end if;
  select * into gate from public.migration_gates g where g.move_group = tg_argv[0];
  if not (gate.final or coalesce(clock_timestamp() >= gate.closed_at
                                 and clock_timestamp() < gate.closed_until, false)) then
    if gate.closed_until is null
       and current_setting('transaction_isolation') = 'read committed' then
      return null;
    end if;
    -- The time is over, or what we see is as old as this transaction: whoever makes the gate
    -- final now is waited for, and waits for us. As above when the time is still to come.
    update public.migration_gates g set token = null, closed_at = null, closed_until = null
    where g.move_group = tg_argv[0] and not g.final and g.closed_at > clock_timestamp();
    select * into gate from public.migration_gates g where g.move_group = tg_argv[0] for share;
    if not (gate.final or coalesce(clock_timestamp() >= gate.closed_at
                                   and clock_timestamp() < gate.closed_until, false)) then
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
