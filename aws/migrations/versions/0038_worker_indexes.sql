-- What the worker asks every minute is about few bookings of all that there ever were: whose trip is
-- over, and whose travellers are not named yet.
create index bookings_confirmed_idx on bookings (ends_on, id) where status = 'confirmed';

-- What left for the parties of one payment: when it is disputed, and when it is taken back unpaid.
create index transfers_payment_idx on transfers (payment_id);
