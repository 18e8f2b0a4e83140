-- The counts of a search can be kept until the index changes: its version says when.

create table search_version (
  id boolean default true not null,
  number bigint default '0' not null,
  primary key (id),
  constraint search_version_one_row check (id)
);
insert into search_version default values;

create function change_search_version() returns trigger language plpgsql as $$
begin
  update search_version set number = number + 1;
  return null;
end $$;
create trigger package_index_version after insert or update or delete on package_index
  for each statement execute function change_search_version();

-- With the id a window of dates is read from the index alone.
drop index departures_open_idx;
create index departures_open_idx on departures (starts_on, package_id) include (capacity, id)
  where status = 'open';
