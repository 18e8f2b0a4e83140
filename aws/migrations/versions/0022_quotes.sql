-- Proposals of agencies to their clients, as edited, as sent, and the bookings that came of them.

create table quotes (
  id uuid not null,
  agency_id uuid not null,
  agent_id uuid not null,
  client_id uuid not null,
  number text not null,
  token text not null,
  title text not null,
  status text default 'draft' not null,
  language text default 'en' not null,
  pay text default 'deposit' not null,
  valid_until date not null,
  content jsonb default '{}' not null,
  version integer default 1 not null,
  sent_number integer default 0 not null,
  sent_version integer default 0 not null,
  sent_at timestamptz,
  first_opened_at timestamptz,
  last_opened_at timestamptz,
  opened_count integer default 0 not null,
  accepted_option text default '' not null,
  accepted_name text default '' not null,
  accepted_at timestamptz,
  closed_reason text default '' not null,
  agency_read_at timestamptz,
  created_at timestamptz default now() not null,
  updated_at timestamptz default now() not null,
  primary key (id),
  unique (token),
  constraint quotes_agency_number_key unique (agency_id, number),
  constraint quotes_status check (status in ('draft', 'sent', 'opened', 'accepted', 'declined', 'withdrawn', 'expired')),
  constraint quotes_pay check (pay in ('full', 'deposit')),
  foreign key (agency_id) references agencies (id),
  foreign key (agent_id) references travel_agents (id),
  foreign key (client_id) references clients (id)
);
create index quotes_agency_idx on quotes (agency_id, updated_at);
create index quotes_client_idx on quotes (client_id);
create index quotes_waiting_idx on quotes (valid_until) where status in ('sent', 'opened');

create table quote_versions (
  id uuid not null,
  quote_id uuid not null,
  number integer not null,
  content jsonb default '{}' not null,
  valid_until date not null,
  sent_by uuid not null,
  sent_at timestamptz default now() not null,
  primary key (id),
  constraint quote_versions_number_key unique (quote_id, number),
  foreign key (quote_id) references quotes (id) on delete cascade,
  foreign key (sent_by) references travel_agents (id)
);

create table quote_comments (
  id uuid not null,
  quote_id uuid not null,
  by_client boolean not null,
  name text not null,
  body text not null,
  at timestamptz default now() not null,
  primary key (id),
  foreign key (quote_id) references quotes (id) on delete cascade
);
create index quote_comments_quote_idx on quote_comments (quote_id, at);

create table quote_bookings (
  booking_id uuid not null,
  quote_id uuid not null,
  number integer not null,
  option_id text not null,
  item_id text not null,
  primary key (booking_id),
  foreign key (booking_id) references bookings (id),
  foreign key (quote_id) references quotes (id)
);
create index quote_bookings_quote_idx on quote_bookings (quote_id);
