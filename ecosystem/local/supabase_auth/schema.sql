-- What a Supabase project already has before the first migration of its owner runs:
-- the API roles, the schema "auth" in the shape of GoTrue, and the functions that row level
-- security policies call. Safe to run again. The first run needs a role that may create
-- roles (service_role is created with BYPASSRLS: a superuser).

do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('anon', 'nologin noinherit'),
            ('authenticated', 'nologin noinherit'),
            ('service_role', 'nologin noinherit bypassrls')
        ) as roles (name, attributes)
    loop
        -- Roles belong to the whole server: another database may create them at this moment.
        begin
            if not exists (select from pg_roles where rolname = wanted.name) then
                execute format('create role %I %s', wanted.name, wanted.attributes);
            end if;
            -- Whoever creates a role may administer it, but not yet become it.
            if not pg_has_role(current_user, wanted.name, 'set') then
                execute format('grant %I to current_user', wanted.name);
            end if;
        exception when duplicate_object or unique_violation then
            raise notice 'role % was created meanwhile', wanted.name;
        end;
    end loop;
end
$$;

create schema if not exists auth;
create schema if not exists extensions;

do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('aal_level', array['aal1', 'aal2', 'aal3']),
            ('factor_type', array['totp', 'webauthn', 'phone']),
            ('factor_status', array['unverified', 'verified']),
            ('one_time_token_type', array[
                'confirmation_token', 'reauthentication_token', 'recovery_token',
                'email_change_token_new', 'email_change_token_current', 'phone_change_token'])
        ) as enums (name, labels)
    loop
        if to_regtype('auth.' || wanted.name) is null then
            execute format(
                'create type auth.%I as enum (%s)', wanted.name,
                (select string_agg(quote_literal(label), ', ' order by position)
                   from unnest(wanted.labels) with ordinality as l (label, position)));
        end if;
    end loop;
end
$$;

create table if not exists auth.users (
    instance_id                 uuid,
    id                          uuid primary key,
    aud                         varchar(255),
    role                        varchar(255),
    email                       varchar(255),
    encrypted_password          varchar(255),
    email_confirmed_at          timestamptz,
    invited_at                  timestamptz,
    confirmation_token          varchar(255),
    confirmation_sent_at        timestamptz,
    recovery_token              varchar(255),
    recovery_sent_at            timestamptz,
    email_change_token_new      varchar(255),
    email_change                varchar(255),
    email_change_sent_at        timestamptz,
    last_sign_in_at             timestamptz,
    raw_app_meta_data           jsonb,
    raw_user_meta_data          jsonb,
    is_super_admin              boolean,
    created_at                  timestamptz,
    updated_at                  timestamptz,
    phone                       text unique,
    phone_confirmed_at          timestamptz,
    phone_change                text default '',
    phone_change_token          varchar(255) default '',
    phone_change_sent_at        timestamptz,
    confirmed_at                timestamptz
        generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current  varchar(255) default '',
    email_change_confirm_status smallint default 0
        check (email_change_confirm_status between 0 and 2),
    banned_until                timestamptz,
    reauthentication_token      varchar(255) default '',
    reauthentication_sent_at    timestamptz,
    is_sso_user                 boolean not null default false,
    deleted_at                  timestamptz,
    is_anonymous                boolean not null default false
);
create unique index if not exists users_email_partial_key
    on auth.users (email) where is_sso_user = false;
create index if not exists users_instance_id_idx on auth.users (instance_id);
create index if not exists users_instance_id_email_idx on auth.users (instance_id, lower(email));
create index if not exists users_is_anonymous_idx on auth.users (is_anonymous);
create index if not exists users_created_at_idx on auth.users (created_at desc, id);
-- A cleared token is an empty string, which many people share: digits and blanks are left out.
create unique index if not exists confirmation_token_idx
    on auth.users (confirmation_token) where confirmation_token !~ '^[0-9 ]*$';
create unique index if not exists recovery_token_idx
    on auth.users (recovery_token) where recovery_token !~ '^[0-9 ]*$';
create unique index if not exists email_change_token_new_idx
    on auth.users (email_change_token_new) where email_change_token_new !~ '^[0-9 ]*$';

create table if not exists auth.identities (
    provider_id     text not null,
    user_id         uuid not null references auth.users on delete cascade,
    identity_data   jsonb not null,
    provider        text not null,
    last_sign_in_at timestamptz,
    created_at      timestamptz,
    updated_at      timestamptz,
    email           text generated always as (lower(identity_data ->> 'email')) stored,
    id              uuid primary key default gen_random_uuid(),
    unique (provider_id, provider)
);
create index if not exists identities_user_id_idx on auth.identities (user_id);
create index if not exists identities_email_idx on auth.identities (email text_pattern_ops);

create table if not exists auth.sessions (
    id           uuid primary key,
    user_id      uuid not null references auth.users on delete cascade,
    created_at   timestamptz,
    updated_at   timestamptz,
    factor_id    uuid,
    aal          auth.aal_level,
    not_after    timestamptz,
    refreshed_at timestamp,
    user_agent   text,
    ip           inet,
    tag          text
);
create index if not exists sessions_user_id_idx on auth.sessions (user_id, created_at);
create index if not exists sessions_not_after_idx on auth.sessions (not_after desc);

create table if not exists auth.mfa_amr_claims (
    session_id            uuid not null references auth.sessions on delete cascade,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    authentication_method text not null,
    id                    uuid primary key,
    unique (session_id, authentication_method)
);

create table if not exists auth.refresh_tokens (
    instance_id uuid,
    id          bigserial primary key,
    token       varchar(255) unique,
    user_id     varchar(255),
    revoked     boolean,
    created_at  timestamptz,
    updated_at  timestamptz,
    parent      varchar(255),
    session_id  uuid references auth.sessions on delete cascade
);
create index if not exists refresh_tokens_session_id_revoked_idx
    on auth.refresh_tokens (session_id, revoked);
create index if not exists refresh_tokens_parent_idx on auth.refresh_tokens (parent);

create table if not exists auth.mfa_factors (
    id                   uuid primary key,
    user_id              uuid not null references auth.users on delete cascade,
    friendly_name        text,
    factor_type          auth.factor_type not null,
    status               auth.factor_status not null,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    secret               text,
    phone                text,
    last_challenged_at   timestamptz unique,
    web_authn_credential jsonb,
    web_authn_aaguid     uuid
);
create index if not exists mfa_factors_user_id_idx on auth.mfa_factors (user_id, created_at);
create unique index if not exists mfa_factors_user_friendly_name_unique
    on auth.mfa_factors (friendly_name, user_id) where trim(friendly_name) <> '';

create table if not exists auth.mfa_challenges (
    id                     uuid primary key,
    factor_id              uuid not null references auth.mfa_factors on delete cascade,
    created_at             timestamptz not null,
    verified_at            timestamptz,
    ip_address             inet not null,
    otp_code               text,
    web_authn_session_data jsonb
);
create index if not exists mfa_challenges_created_at_idx on auth.mfa_challenges (created_at desc);

create table if not exists auth.one_time_tokens (
    id         uuid primary key,
    user_id    uuid not null references auth.users on delete cascade,
    token_type auth.one_time_token_type not null,
    token_hash text not null check (char_length(token_hash) > 0),
    relates_to text not null,
    created_at timestamp not null default now(),
    updated_at timestamp not null default now(),
    unique (user_id, token_type)
);
create index if not exists one_time_tokens_token_hash_idx
    on auth.one_time_tokens using hash (token_hash);
create index if not exists one_time_tokens_relates_to_idx
    on auth.one_time_tokens using hash (relates_to);

-- Ours, not GoTrue's: every e-mail of the stand-in, readable without a mail server.
create table if not exists auth.local_outbox (
    id         bigint generated always as identity primary key,
    kind       text not null,
    recipient  text not null,
    subject    text not null,
    body_text  text not null,
    body_html  text not null,
    link       text not null,
    created_at timestamptz not null default now()
);
create index if not exists local_outbox_recipient_idx on auth.local_outbox (recipient, id desc);

-- Who asks, as PostgREST tells the database: the whole claim set as JSON in
-- request.jwt.claims, or, from old versions, one setting a claim.
create or replace function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;

create or replace function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
$$;

create or replace function auth.email() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
$$;

-- People's passwords and tokens: readable by the owner of the schema and by no API role.
grant usage on schema auth, extensions to anon, authenticated, service_role;
grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email()
    to anon, authenticated, service_role;

-- In "public" every API role may do everything that row level security lets through.
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public
    grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public
    grant all on functions to anon, authenticated, service_role;
