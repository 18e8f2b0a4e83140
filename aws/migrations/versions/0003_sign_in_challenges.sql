-- What a sign-in or an enrolment has to remember between two requests: kept here and
-- not in one process, since the second request may reach another worker.

create table sign_in_challenges (
  id_hash bytea not null,
  source text not null,
  email text not null,
  state bytea not null,
  attempts integer default 0 not null,
  created_at timestamptz default now() not null,
  expires_at timestamptz not null,
  primary key (id_hash)
);
create index sign_in_challenges_expires_idx on sign_in_challenges (expires_at);
