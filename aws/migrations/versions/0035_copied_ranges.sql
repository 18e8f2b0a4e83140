-- A table is copied in ranges of its keys, each with a checkpoint of its own, so that two workers
-- can copy at once. The ranges of a table have every key there could be.

create table migration_ranges (
  tbl text not null,
  part integer not null,
  after_id uuid,
  until_id uuid,
  copied_to uuid,
  copied bigint default 0 not null,
  finished_at timestamptz,
  updated_at timestamptz default now() not null,
  primary key (tbl, part),
  foreign key (tbl) references migration_state (tbl) on delete cascade
);

insert into migration_ranges (tbl, part, copied_to, copied, finished_at)
select tbl, 0, copied_to, copied, copy_finished_at from migration_state
where copied_to is not null or copy_finished_at is not null;

alter table migration_state
  drop column copied_to, drop column copied, drop column copy_finished_at,
  add column owner text default '' not null;
