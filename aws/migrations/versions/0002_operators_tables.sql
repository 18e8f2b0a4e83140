-- The same shapes as supabase/migrations; the drift test compares both with the tables.

create type user_role as enum ('operator', 'staff', 'admin');
create type package_status as enum ('draft', 'published', 'archived');
create type board_type as enum
  ('room_only', 'breakfast', 'half_board', 'full_board', 'all_inclusive');
create type addon_unit as enum ('booking', 'traveller', 'night', 'traveller_night');

create function touch_updated_at() returns trigger
language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- accounts -------------------------------------------------------------------

create table users (
  id uuid primary key,
  email text not null,
  full_name text not null,
  phone text,
  role user_role not null default 'operator',
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));

create table operators (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id),
  slug text not null,
  name text not null,
  description text not null default '',
  country character(2) not null,
  city text not null,
  contact_email text not null,
  contact_phone text,
  website text,
  languages text[] not null default '{}',
  settings jsonb not null default '{}',
  rating numeric(2,1),
  verified_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint operators_slug_key unique (slug),
  constraint operators_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
create index operators_user_id_idx on operators (user_id);

-- packages -------------------------------------------------------------------

create table multi_city_hotel_packages (
  id uuid primary key default gen_random_uuid(),
  operator_id uuid not null,
  slug text not null,
  title text not null,
  summary text not null default '',
  description text not null default '',
  status package_status not null default 'draft',
  currency character(3) not null,
  base_price numeric(12,2) not null,
  child_discount_percent numeric(5,2) not null default 0,
  single_supplement numeric(12,2) not null default 0,
  commission_percent numeric(5,2) not null default 10,
  deposit_percent smallint,
  balance_due_days smallint not null default 30,
  cancellation_policy jsonb not null default '[]',
  max_travellers smallint not null default 8,
  nights smallint not null default 0,
  tags text[] not null default '{}',
  highlights text[] not null default '{}',
  rating numeric(2,1),
  rating_count integer not null default 0,
  price_per_night numeric(12,2)
    generated always as (base_price / greatest(nights, 1)) stored,
  version integer not null default 1,
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint multi_city_hotel_packages_slug_key unique (slug),
  constraint multi_city_hotel_packages_slug_form
    check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  constraint multi_city_hotel_packages_price check (base_price >= 0),
  constraint multi_city_hotel_packages_deposit
    check (deposit_percent between 1 and 99)
);
create index multi_city_hotel_packages_operator_idx
  on multi_city_hotel_packages (operator_id, status);

create table multi_city_hotel_package_cities (
  id uuid primary key default gen_random_uuid(),
  package_id uuid not null
    references multi_city_hotel_packages (id) on delete cascade,
  position smallint not null,
  city text not null,
  country character(2) not null,
  latitude double precision not null,
  longitude double precision not null,
  timezone text not null,
  nights smallint not null,
  hotel_name text not null default '',
  hotel_stars smallint,
  board board_type not null default 'breakfast',
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint multi_city_hotel_package_cities_position_key unique (package_id, position),
  constraint multi_city_hotel_package_cities_nights check (nights between 1 and 60),
  constraint multi_city_hotel_package_cities_stars check (hotel_stars between 1 and 5)
);

-- package_extras -------------------------------------------------------------

create table multi_city_hotel_package_addons (
  id uuid primary key default gen_random_uuid(),
  package_id uuid not null,
  position smallint not null default 0,
  name text not null,
  description text not null default '',
  price numeric(12,2) not null,
  unit addon_unit not null default 'traveller',
  required boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint multi_city_hotel_package_addons_price check (price >= 0)
);
create index multi_city_hotel_package_addons_package_idx
  on multi_city_hotel_package_addons (package_id, position);

create table multi_city_hotel_package_exclusions (
  id uuid primary key default gen_random_uuid(),
  package_id uuid not null,
  position smallint not null default 0,
  text text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index multi_city_hotel_package_exclusions_package_idx
  on multi_city_hotel_package_exclusions (package_id, position);

create trigger users_touch before update on users
  for each row execute function touch_updated_at();
create trigger operators_touch before update on operators
  for each row execute function touch_updated_at();
create trigger packages_touch before update on multi_city_hotel_packages
  for each row execute function touch_updated_at();
create trigger package_cities_touch before update on multi_city_hotel_package_cities
  for each row execute function touch_updated_at();
create trigger package_addons_touch before update on multi_city_hotel_package_addons
  for each row execute function touch_updated_at();
create trigger package_exclusions_touch
  before update on multi_city_hotel_package_exclusions
  for each row execute function touch_updated_at();
