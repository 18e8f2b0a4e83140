-- What everybody pays, of bookings that are charged another price: what lists and sums tell of it.

-- Kept with the price since this release. Written here, so that every writer is covered: of rows
-- from before, and of what the release before writes meanwhile, it is worked out back.
alter table bookings add column public_minor bigint;

create function bookings_public_price() returns trigger language plpgsql as $$
begin
  new.public_minor := case when new.price_factor <> 1 then coalesce(
    (new.price #>> '{public_price,total}')::bigint, round(new.total_minor / new.price_factor)
  ) end;
  return new;
end
$$;
create trigger bookings_public_price before insert or update of price, total_minor, price_factor
  on bookings for each row execute function bookings_public_price();
update bookings set price_factor = price_factor where price_factor <> 1;

-- Reports read it from the index alone.
drop index bookings_agency_sold_idx;
create index bookings_agency_sold_idx on bookings (agency_id, confirmed_at)
  include (id, status, currency, total_minor, adults, children, operator_id, agent_id, country,
           city, starts_on, ends_on, timezone, agency_model, public_minor)
  where agency_id is not null and confirmed_at is not null;
