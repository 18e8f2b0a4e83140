-- Connected accounts that are restricted, given up and set up again.

alter table payout_accounts
  add column state text default 'incomplete' not null,
  add column attempt integer default '0' not null,
  add column version integer default '0' not null,
  add column checked_at timestamptz default now() not null,
  add constraint payout_accounts_state check (
    state in ('incomplete', 'review', 'active', 'restricted', 'rejected', 'gone')
  );

update payout_accounts set state = 'active' where transfers_active;

create index payout_accounts_checked_idx on payout_accounts (checked_at)
  where stripe_account_id is not null;
