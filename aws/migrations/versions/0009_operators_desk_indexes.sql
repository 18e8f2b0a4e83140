-- Deleting a departure looks for every claim on it, whatever its state: bookings and holds
-- that ended stay, and without this each departure would be a scan of all claims.
create index seat_claims_departure_idx on seat_claims (departure_id);

-- What nobody has read yet is a handful; the side bar asks for it on every page.
create index messages_unread_idx on messages (booking_id) where read_at is null;
