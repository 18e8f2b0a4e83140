-- What an agent may do is a role now. The columns before it stay until no older process runs:
-- nothing reads them, and 0021 can be rolled out beside the release before it.
alter table travel_agents
  add column role text default 'agent' not null,
  add constraint travel_agents_role check (role in ('owner', 'agent', 'assistant'));
update travel_agents set role = 'owner' where owner;

alter table sessions
  add column agency_role text default '' not null,
  add column enrol_first boolean default false not null;
update sessions set agency_role = case when agency_owner then 'owner' else 'agent' end
  where role = 'agent';

-- An agency says who it is; operations look at it before it sees net prices.
alter table agencies
  add column address text default '' not null,
  add column contact_email text default '' not null,
  add column contact_phone text default '' not null,
  add column website text default '' not null,
  add column accent text default '' not null,
  add column logo uuid,
  add column requires_second_factor boolean default false not null,
  add column verification text default 'none' not null,
  add column registration jsonb default '{}' not null,
  add column verification_note text default '' not null,
  add column verification_asked_at timestamptz,
  add column verified_at timestamptz,
  add column updated_at timestamptz default now() not null,
  add constraint agencies_verification
    check (verification in ('none', 'asked', 'verified', 'refused'));
create index agencies_asked_idx on agencies (verification_asked_at)
  where verification = 'asked';

-- Invitations into operators' and agencies' teams in one table.
create table team_invitations (
  id uuid not null,
  party text not null,
  party_id uuid not null,
  email text not null,
  role text not null,
  token_hash bytea not null,
  invited_by uuid not null,
  created_at timestamptz default now() not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (id),
  constraint team_invitations_role check (
    (party = 'operator' and role in ('owner', 'editor', 'viewer'))
    or (party = 'agency' and role in ('owner', 'agent', 'assistant'))
  ),
  constraint team_invitations_token_key unique (token_hash)
);
create index team_invitations_party_idx on team_invitations (party, party_id);
create index team_invitations_email_idx on team_invitations (lower(email));
insert into team_invitations (id, party, party_id, email, role, token_hash, invited_by,
    created_at, expires_at, accepted_at, revoked_at)
  select id, 'operator', operator_id, email, role, token_hash, invited_by,
    created_at, expires_at, accepted_at, revoked_at
  from operator_invitations;

-- Keys with which a program of an agency or operator calls the API. Only a hash is kept.
create table api_keys (
  id uuid not null,
  party text not null,
  party_id uuid not null,
  role text not null,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  created_by uuid not null,
  created_by_email text not null,
  created_at timestamptz default now() not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (id),
  constraint api_keys_role check (
    (party = 'operator' and role in ('editor', 'viewer'))
    or (party = 'agency' and role in ('agent', 'assistant'))
  ),
  constraint api_keys_hash_key unique (key_hash)
);
create index api_keys_party_idx on api_keys (party, party_id);
create index api_keys_creator_idx on api_keys (created_by);
