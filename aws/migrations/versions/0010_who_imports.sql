alter table imports add column created_by_name text default '' not null;
create index import_items_open_idx on import_items (import_id, position)
  where outcome in ('new', 'create', 'change');
