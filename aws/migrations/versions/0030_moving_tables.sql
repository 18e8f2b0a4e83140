-- How far the copy of each moving table is. A process that writes a table locks its row at the
-- beginning of every transaction and leaves unless the epoch is its own.

create table migration_state (
  tbl text not null,
  move_group text not null,
  epoch integer default 0 not null,
  copied_to uuid,
  copied bigint default 0 not null,
  copy_finished_at timestamptz,
  fingerprint text not null,
  last_verify jsonb,
  updated_at timestamptz default now() not null,
  primary key (tbl),
  foreign key (move_group) references migration_groups (name)
);

-- A copy of a row keeps the time of its last change: what carries it is no change.
create or replace function touch_updated_at() returns trigger
language plpgsql as $$
begin
  if current_setting('migration.origin', true) is distinct from 'applier' then
    new.updated_at := now();
  end if;
  return new;
end $$;
