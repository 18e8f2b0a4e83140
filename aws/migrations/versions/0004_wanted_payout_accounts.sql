-- A payout account is wanted before Stripe is asked for it: the row is committed first,
-- without an account id, so that a crash in between ends in one account and not in two.

alter table payout_accounts alter column stripe_account_id drop not null;
