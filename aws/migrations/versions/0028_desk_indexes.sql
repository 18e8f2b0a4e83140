-- What an agent's day asks of an agency with tens of thousands of bookings.

-- Who travels, and when: trips to come and under way, without those that are over.
create index bookings_agency_travel_idx on bookings (agency_id, ends_on, starts_on)
  include (id, status, client_id, adults, children, timezone)
  where agency_id is not null and status in ('confirmed', 'completed');

-- What falls due next, and what is overdue.
create index payments_due_idx on payments (due_on, booking_id)
  where status in ('due', 'failed');
