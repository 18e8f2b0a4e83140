-- The search: a slim table that is searched (package_index) beside the one that is shown
-- (package_search), the values a search can choose (search_terms), the words people can
-- type (search_words), and a change log of what the index depends on in this database.

alter table package_search drop column document, drop column words;
create index package_search_stays_idx on package_search using gin (cities jsonb_path_ops);
drop index package_search_city_keys_idx, package_search_countries_idx, package_search_tags_idx,
  package_search_price_idx;
alter table package_search add column cover uuid;

-- The id of a term ends in its kind: id & 7.
create sequence search_terms_number as integer;
create table search_terms (
  id integer not null,
  kind smallint not null,
  key text not null,
  label text not null,
  name text not null,
  country char(2),
  latitude double precision,
  longitude double precision,
  packages integer default '0' not null,
  primary key (id),
  constraint search_terms_key unique (kind, key),
  constraint search_terms_kind check (kind between 0 and 7 and id & 7 = kind)
);
create index search_terms_name_idx on search_terms using gin (name gin_trgm_ops);
create index search_terms_common_idx on search_terms (kind, packages);

create table search_words (
  word text not null,
  packages integer default '0' not null,
  primary key (word)
);
create index search_words_near_miss_idx on search_words using gin (word gin_trgm_ops);
create index search_words_prefix_idx on search_words (word text_pattern_ops);

create table package_index (
  package_id uuid not null,
  title text not null,
  terms integer[] not null,
  document tsvector not null,
  currency char(3) not null,
  price double precision not null,
  nights smallint not null,
  rating real,
  stale_after date,
  primary key (package_id)
);
create index package_index_terms_idx on package_index using gin (terms) with (fastupdate = off);
create index package_index_document_idx on package_index using gin (document)
  with (fastupdate = off);
create index package_index_title_idx on package_index (title text_pattern_ops);
create index package_index_rating_idx on package_index (rating desc nulls last, package_id);
create index package_index_price_idx on package_index (price, package_id);
create index package_index_nights_idx on package_index (nights, price, package_id);
create index package_index_stale_idx on package_index (stale_after, package_id);

-- How many packages have a term and a word is kept with the rows themselves, so that the
-- counts of a search without filters are read, not counted. Ordered locks: two writers wait
-- for each other instead of ending in a deadlock.
create function count_search_terms() returns trigger language plpgsql as $$
declare
  gone text := 'select terms, document from old_rows';
  come text := 'select terms, document from new_rows';
  none text := 'select null::integer[] as terms, null::tsvector as document where false';
begin
  execute format($f$
    with gone as (%s), come as (%s), changed as (
      select code, sum(step) as step from (
        select unnest(terms) as code, 1 as step from come
        union all select unnest(terms), -1 from gone
      ) each_one group by code having sum(step) <> 0
    ), locked as materialized (
      select t.id, c.step from search_terms t join changed c on c.code = t.id
      order by t.id for update of t
    )
    update search_terms t set packages = t.packages + locked.step
    from locked where locked.id = t.id
  $f$, case tg_op when 'INSERT' then none else gone end,
       case tg_op when 'DELETE' then none else come end);
  execute format($f$
    with gone as (%s), come as (%s), changed as (
      select word, sum(step) as step from (
        select unnest(tsvector_to_array(document)) as word, 1 as step from come
        union all select unnest(tsvector_to_array(document)), -1 from gone
      ) each_one group by word having sum(step) <> 0 order by word
    )
    insert into search_words as w (word, packages) select word, step from changed
    on conflict (word) do update set packages = w.packages + excluded.packages
  $f$, case tg_op when 'INSERT' then none else gone end,
       case tg_op when 'DELETE' then none else come end);
  return null;
end $$;

create trigger package_index_count_insert after insert on package_index
  referencing new table as new_rows for each statement execute function count_search_terms();
create trigger package_index_count_update after update on package_index
  referencing old table as old_rows new table as new_rows
  for each statement execute function count_search_terms();
create trigger package_index_count_delete after delete on package_index
  referencing old table as old_rows for each statement execute function count_search_terms();

-- The same log as in the operators' database, for rows that live here. A departure or a
-- picture is logged under its package: that is what a consumer has to look at again.
create table migration_changes (
  seq bigint generated always as identity primary key,
  consumer text not null,
  tbl text not null,
  pk uuid not null,
  at timestamptz not null default clock_timestamp()
);
create index migration_changes_consumer_idx on migration_changes (consumer, seq);

create table migration_consumers (
  consumer text not null,
  tbl text not null,
  primary key (consumer, tbl)
);
insert into migration_consumers (consumer, tbl) values
  ('search', 'departures'), ('search', 'package_pictures');

create function log_package_changes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.package_id
    from (select distinct package_id from new_rows) r
    join migration_consumers c on c.tbl = tg_table_name;
  elsif tg_op = 'DELETE' then
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.package_id
    from (select distinct package_id from old_rows) r
    join migration_consumers c on c.tbl = tg_table_name;
  else
    insert into migration_changes (consumer, tbl, pk)
    select c.consumer, tg_table_name, r.package_id
    from (
      select n.package_id from new_rows n join old_rows o using (id) where n is distinct from o
      union select o.package_id from old_rows o left join new_rows n using (id)
      where n.package_id is distinct from o.package_id
    ) r
    join migration_consumers c on c.tbl = tg_table_name;
  end if;
  return null;
end $$;

do $$
declare t text;
begin
  foreach t in array array['departures', 'package_pictures'] loop
    execute format('create trigger %I after insert on %I referencing new table as new_rows
      for each statement execute function log_package_changes()', t || '_log_insert', t);
    execute format('create trigger %I after update on %I
      referencing old table as old_rows new table as new_rows
      for each statement execute function log_package_changes()', t || '_log_update', t);
    execute format('create trigger %I after delete on %I referencing old table as old_rows
      for each statement execute function log_package_changes()', t || '_log_delete', t);
  end loop;
end $$;

create index departures_open_idx on departures (starts_on, package_id) include (capacity)
  where status = 'open';

-- What is in the index already is written anew by the first step of the worker.
insert into migration_changes (consumer, tbl, pk)
select 'search', 'package_search', package_id from package_search;
