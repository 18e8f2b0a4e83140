-- "You have seats held until …" is asked on every visit: by holder, among the few claims that
-- are held at the moment.
create index seat_claims_holder_idx on seat_claims (holder, expires_at) where state = 'held';
