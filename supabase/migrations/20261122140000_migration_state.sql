-- While a group lives in RDS its tables here are kept in step, so that it can come back at once.
-- The same two tables as in RDS: which process may write a table's copy, and how far it is.

create table public.migration_state (
  tbl text primary key,
  move_group text not null,
  epoch integer not null default 0,
  fingerprint text not null,
  last_verify jsonb,
  updated_at timestamptz not null default now(),
  owner text not null default ''
);
alter table public.migration_state enable row level security;

create table public.migration_ranges (
  tbl text not null references public.migration_state (tbl) on delete cascade,
  part integer not null,
  after_id uuid,
  until_id uuid,
  copied_to uuid,
  copied bigint not null default 0,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (tbl, part)
);
alter table public.migration_ranges enable row level security;
