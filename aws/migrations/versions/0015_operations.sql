-- E-mails as they were sent: evidence in a dispute. And the lists that operations turn pages in.

create table sent_emails (
  id text not null,
  booking_id uuid not null,
  recipient text not null,
  subject text not null,
  body text not null,
  sent_at timestamptz default now() not null,
  primary key (id),
  foreign key(booking_id) references bookings (id)
);
create index sent_emails_booking_idx on sent_emails (booking_id, sent_at);

create index outbox_created_idx on outbox (created_at);
create index inbox_received_idx on inbox (received_at);
