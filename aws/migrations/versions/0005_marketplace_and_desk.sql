-- What readers of the storefront leave behind, conversations, and the operators' desk.

alter table multi_city_hotel_packages
  add column child_bands jsonb not null default '[]',
  add column occupancy_prices jsonb not null default '{}';
alter table seat_claims add column child_ages integer[] not null default '{}';
alter table bookings add column language text not null default 'en';
alter table customers
  add column language text not null default '',
  add column display_currency text not null default '';
alter table sessions add column operator_role text not null default '';

create table saved_packages (
  holder text not null,
  package_id uuid not null,
  saved_at timestamptz default now() not null,
  primary key (holder, package_id)
);

create table seen_packages (
  holder text not null,
  package_id uuid not null,
  seen_at timestamptz default now() not null,
  primary key (holder, package_id)
);
create index seen_packages_holder_idx on seen_packages (holder, seen_at);

create table exchange_rates (
  day date not null,
  currency char(3) not null,
  per_euro numeric(18, 8) not null,
  fetched_at timestamptz default now() not null,
  primary key (day, currency),
  constraint exchange_rates_positive check (per_euro > 0)
);

create table reviews (
  id uuid not null,
  booking_id uuid not null,
  package_id uuid not null,
  operator_id uuid not null,
  author text not null,
  author_id uuid,
  author_name text not null,
  rating smallint not null,
  body text default '' not null,
  language text default 'en' not null,
  created_at timestamptz default now() not null,
  revealed_at timestamptz,
  reply text,
  replied_at timestamptz,
  primary key (id),
  constraint reviews_booking_author_key unique (booking_id, author),
  constraint reviews_author check (author in ('traveller', 'operator')),
  constraint reviews_rating check (rating between 1 and 5),
  foreign key(booking_id) references bookings (id)
);
create index reviews_operator_idx on reviews (operator_id, revealed_at);
create index reviews_package_idx on reviews (package_id, revealed_at);

create table messages (
  id uuid not null,
  booking_id uuid not null,
  author text not null,
  author_id uuid,
  author_name text not null,
  body text not null,
  created_at timestamptz default now() not null,
  read_at timestamptz,
  primary key (id),
  constraint messages_author check (author in ('buyer', 'operator')),
  foreign key(booking_id) references bookings (id)
);
create index messages_booking_idx on messages (booking_id, created_at);

create table operator_members (
  id uuid not null,
  operator_id uuid not null,
  user_id uuid not null,
  email text not null,
  full_name text not null,
  role text not null,
  disabled_at timestamptz,
  created_at timestamptz default now() not null,
  primary key (id),
  constraint operator_members_person_key unique (operator_id, user_id),
  constraint operator_members_role check (role in ('owner', 'editor', 'viewer'))
);
create index operator_members_user_idx on operator_members (user_id);

create table operator_invitations (
  id uuid not null,
  operator_id uuid not null,
  email text not null,
  role text not null,
  token_hash bytea not null,
  invited_by uuid not null,
  created_at timestamptz default now() not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (id),
  constraint operator_invitations_role check (role in ('owner', 'editor', 'viewer')),
  unique (token_hash)
);
create index operator_invitations_operator_idx on operator_invitations (operator_id);

create table package_pictures (
  id uuid not null,
  package_id uuid not null,
  operator_id uuid not null,
  position smallint not null,
  key text not null,
  alt text default '' not null,
  content_type text not null,
  bytes bigint not null,
  width integer,
  height integer,
  state text default 'uploading' not null,
  uploaded_by uuid,
  created_at timestamptz default now() not null,
  primary key (id),
  constraint package_pictures_state check (state in ('uploading', 'ready', 'refused')),
  unique (key)
);
create index package_pictures_package_idx on package_pictures (package_id, position);

create table package_versions (
  package_id uuid not null,
  version integer not null,
  operator_id uuid not null,
  at timestamptz default now() not null,
  actor_id uuid,
  actor_name text default '' not null,
  action text not null,
  state text default 'intended' not null,
  changed text[] default '{}' not null,
  content jsonb default '{}' not null,
  primary key (package_id, version),
  constraint package_versions_state check (state in ('intended', 'done'))
);
create index package_versions_operator_idx on package_versions (operator_id, at);

create table imports (
  id uuid not null,
  operator_id uuid not null,
  created_by uuid,
  what text not null,
  format text not null,
  file_name text not null,
  key text not null,
  state text default 'uploaded' not null,
  total integer default '0' not null,
  done integer default '0' not null,
  counts jsonb default '{}' not null,
  problem text,
  cancel_wanted boolean default false not null,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  finished_at timestamptz,
  primary key (id),
  constraint imports_what check (what in ('packages', 'departures')),
  constraint imports_format check (format in ('csv', 'json')),
  constraint imports_state check (state in ('uploaded', 'checking', 'checked', 'running', 'done', 'cancelled', 'failed'))
);
create index imports_open_idx on imports (updated_at) where state in ('uploaded', 'checking', 'running');
create index imports_operator_idx on imports (operator_id, created_at);

create table import_items (
  import_id uuid not null,
  position integer not null,
  line integer not null,
  subject text not null,
  outcome text not null,
  messages jsonb default '[]' not null,
  data jsonb default '{}' not null,
  primary key (import_id, position),
  foreign key(import_id) references imports (id) on delete cascade
);

create table calendar_feeds (
  operator_id uuid not null,
  token text not null,
  created_at timestamptz default now() not null,
  primary key (operator_id),
  unique (token)
);
