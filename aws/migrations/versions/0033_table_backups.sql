-- Backups of moving tables. A row is written when everything lies in the bucket and has been
-- read back, and removed together with the files.

create table migration_backups (
  id text not null,
  move_group text not null,
  tables text[] not null,
  database text not null,
  taken_at timestamptz not null,
  rows bigint not null,
  bytes bigint not null,
  manifest_sha256 text not null,
  snapshot text default '' not null,
  taken_by text default '' not null,
  primary key (id),
  foreign key (move_group) references migration_groups (name)
);
create index migration_backups_group_idx on migration_backups (move_group, taken_at);
