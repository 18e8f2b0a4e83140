-- Agencies' clients as people one knows: households, identity documents, notes, merging.

create table households (
  id uuid not null,
  agency_id uuid not null,
  name text not null,
  name_key text not null,
  created_at timestamptz default now() not null,
  primary key (id),
  constraint households_name_key unique (agency_id, name_key),
  foreign key(agency_id) references agencies (id)
);

alter table clients
  add column birth_date date,
  add column nationality char(2),
  add column address text default '' not null,
  add column language text default '' not null,
  add column preferences text default '' not null,
  add column notes text default '' not null,
  add column tags text[] default '{}' not null,
  add column agent_id uuid references travel_agents (id),
  add column household_id uuid references households (id),
  add column consent_at timestamptz,
  add column consent_source text default '' not null,
  add column name_key text default '' not null,
  add column phone_key text default '' not null,
  add column words text default '' not null,
  add column version integer default 1 not null,
  add column updated_at timestamptz default now() not null,
  add column erased_at timestamptz,
  add column merged_into uuid references clients (id);

-- As good as SQL can fold; a client's next change folds accents too.
update clients set
  name_key = lower(full_name),
  phone_key = regexp_replace(phone, '\D', '', 'g'),
  words = lower(concat_ws(' ', full_name, email, regexp_replace(phone, '\D', '', 'g')))
where name_key = '';

create index clients_listed_idx on clients (agency_id, name_key, id)
  where merged_into is null and erased_at is null;
create index clients_words_idx on clients using gin (words gin_trgm_ops);
create index clients_email_idx on clients (agency_id, email) where email <> '';
create index clients_phone_idx on clients (agency_id, phone_key) where phone_key <> '';
create index clients_household_idx on clients (household_id) where household_id is not null;
create index clients_merged_idx on clients (merged_into) where merged_into is not null;
create index bookings_client_idx on bookings (client_id, created_at) where client_id is not null;

create table identity_documents (
  id uuid not null,
  client_id uuid not null,
  agency_id uuid not null,
  kind text not null,
  number_sealed text not null,
  last_four text default '' not null,
  country char(2),
  issued_on date,
  expires_on date,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  primary key (id),
  constraint identity_documents_kind check (kind in ('passport', 'id_card', 'visa', 'other')),
  foreign key(client_id) references clients (id),
  foreign key(agency_id) references agencies (id)
);
create index identity_documents_client_idx on identity_documents (client_id);
create index identity_documents_expiry_idx on identity_documents (agency_id, expires_on);

create table client_notes (
  id uuid not null,
  client_id uuid not null,
  agency_id uuid not null,
  body text not null,
  author_id uuid,
  author_name text not null,
  created_at timestamptz default now() not null,
  primary key (id),
  foreign key(client_id) references clients (id),
  foreign key(agency_id) references agencies (id)
);
create index client_notes_client_idx on client_notes (client_id, created_at);

create table client_merges (
  id uuid not null,
  agency_id uuid not null,
  kept_id uuid not null,
  merged_id uuid not null,
  snapshot jsonb default '{}' not null,
  merged_by uuid,
  merged_by_name text not null,
  merged_at timestamptz default now() not null,
  undone_at timestamptz,
  primary key (id),
  foreign key(agency_id) references agencies (id),
  foreign key(kept_id) references clients (id),
  foreign key(merged_id) references clients (id)
);
create index client_merges_kept_idx on client_merges (kept_id, merged_at);
create index client_merges_merged_idx on client_merges (merged_id);
