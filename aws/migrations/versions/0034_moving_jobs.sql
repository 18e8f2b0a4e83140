-- What somebody of operations has asked the worker to do with a move group. One at a time each.
create table migration_jobs (
  id uuid not null,
  move_group text not null,
  action text not null,
  settings jsonb default '{}' not null,
  state text default 'waiting' not null,
  asked_by uuid,
  asked_role text default 'ops' not null,
  asked_email text default '' not null,
  asked_at timestamptz default now() not null,
  worker text default '' not null,
  attempts integer default 0 not null,
  started_at timestamptz,
  beat_at timestamptz,
  finished_at timestamptz,
  said text default '' not null,
  error text default '' not null,
  primary key (id),
  constraint migration_jobs_state
    check (state in ('waiting', 'running', 'done', 'refused', 'failed', 'cancelled'))
);
create unique index migration_jobs_open_idx on migration_jobs (move_group)
  where state in ('waiting', 'running');
create index migration_jobs_group_idx on migration_jobs (move_group, asked_at);

-- Whether a group rests, what slows it down, and what the worker last saw of it.
create table migration_pace (
  move_group text not null,
  paused_at timestamptz,
  paused_by text default '' not null,
  paused_why text default '' not null,
  throttled text default '' not null,
  copying jsonb default '{}' not null,
  seen jsonb default '{}' not null,
  seen_at timestamptz,
  verified jsonb,
  primary key (move_group)
);
insert into migration_pace (move_group)
values ('package_extras'), ('packages'), ('accounts'), ('marketplace');
