-- Payments whose shares for the parties are still to be worked out are found by this mark.
alter table payments add column transfers_planned_at timestamptz;
create index payments_unplanned_idx on payments (booking_id)
  where status in ('paid', 'partially_refunded') and transfers_planned_at is null;
