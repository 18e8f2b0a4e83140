-- Files that agencies keep of their clients and bookings, and links by which they are shared.

create table agency_documents (
  id uuid not null,
  agency_id uuid not null,
  client_id uuid,
  booking_id uuid,
  kind text not null,
  name text not null,
  words text not null,
  secret text not null,
  state text default 'uploading' not null,
  problem text default '' not null,
  content_type text default '' not null,
  bytes bigint default 0 not null,
  sha256 text default '' not null,
  uploaded_by uuid,
  uploaded_by_name text default '' not null,
  created_at timestamptz default now() not null,
  looked_at timestamptz default now() not null,
  primary key (id),
  unique (secret),
  constraint agency_documents_kind check (kind in ('passport', 'visa', 'insurance', 'ticket', 'contract', 'other')),
  constraint agency_documents_state check (state in ('uploading', 'scanning', 'clean', 'refused')),
  foreign key (agency_id) references agencies (id),
  foreign key (client_id) references clients (id),
  foreign key (booking_id) references bookings (id)
);
create index agency_documents_listed_idx on agency_documents (agency_id, created_at, id);
create index agency_documents_client_idx on agency_documents (client_id) where client_id is not null;
create index agency_documents_booking_idx on agency_documents (booking_id) where booking_id is not null;
create index agency_documents_open_idx on agency_documents (state, looked_at) where state <> 'clean';

create table document_shares (
  id uuid not null,
  document_id uuid not null,
  agency_id uuid not null,
  token_hash text not null,
  code_hash text default '' not null,
  recipient text default '' not null,
  expires_at timestamptz not null,
  opened integer default 0 not null,
  taken integer default 0 not null,
  last_used_at timestamptz,
  wrong_codes integer default 0 not null,
  revoked_at timestamptz,
  created_by uuid,
  created_by_name text default '' not null,
  created_at timestamptz default now() not null,
  primary key (id),
  unique (token_hash),
  foreign key (document_id) references agency_documents (id) on delete cascade,
  foreign key (agency_id) references agencies (id)
);
create index document_shares_document_idx on document_shares (document_id);
