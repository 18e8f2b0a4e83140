-- Children priced by age, adults by how many share a room. Additive: a writer that does
-- not know these columns leaves the old rules in force.

alter table public.multi_city_hotel_packages
  add column child_bands jsonb not null default '[]',
  add column occupancy_prices jsonb not null default '{}';
