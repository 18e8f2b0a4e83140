-- Who may do what when a client talks to Supabase directly with its own token:
-- everyone reads what is published, an operator reads and writes his own rows.
-- The product's server connects with a role that bypasses these policies and
-- authorises in its services.

alter table public.users enable row level security;
alter table public.operators enable row level security;
alter table public.multi_city_hotel_packages enable row level security;
alter table public.multi_city_hotel_package_cities enable row level security;
alter table public.multi_city_hotel_package_addons enable row level security;
alter table public.multi_city_hotel_package_exclusions enable row level security;

-- SECURITY DEFINER: asking "is this package mine?" must not itself be filtered
-- by the policies that ask it. The empty search_path stops shadowed names.
create function public.owns_operator(operator uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.operators o
    where o.id = operator and o.user_id = auth.uid()
  )
$$;

create function public.owns_package(package uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1
    from public.multi_city_hotel_packages p
    where p.id = package and public.owns_operator(p.operator_id)
  )
$$;

create function public.package_is_public(package uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.multi_city_hotel_packages p
    where p.id = package and p.status = 'published'
  )
$$;

create policy users_read_self on public.users
  for select to authenticated using (id = (select auth.uid()));
create policy users_update_self on public.users
  for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()) and role = 'operator');

create policy operators_read on public.operators
  for select to anon, authenticated using (verified_at is not null);
create policy operators_write_own on public.operators
  for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

create policy packages_read on public.multi_city_hotel_packages
  for select to anon, authenticated using (status = 'published');
create policy packages_write_own on public.multi_city_hotel_packages
  for all to authenticated
  using (public.owns_operator(operator_id)) with check (public.owns_operator(operator_id));

create policy package_cities_read on public.multi_city_hotel_package_cities
  for select to anon, authenticated using (public.package_is_public(package_id));
create policy package_cities_write_own on public.multi_city_hotel_package_cities
  for all to authenticated
  using (public.owns_package(package_id)) with check (public.owns_package(package_id));

create policy package_addons_read on public.multi_city_hotel_package_addons
  for select to anon, authenticated using (public.package_is_public(package_id));
create policy package_addons_write_own on public.multi_city_hotel_package_addons
  for all to authenticated
  using (public.owns_package(package_id)) with check (public.owns_package(package_id));

create policy package_exclusions_read on public.multi_city_hotel_package_exclusions
  for select to anon, authenticated using (public.package_is_public(package_id));
create policy package_exclusions_write_own on public.multi_city_hotel_package_exclusions
  for all to authenticated
  using (public.owns_package(package_id)) with check (public.owns_package(package_id));

grant usage on schema public to anon, authenticated, service_role;
grant select on all tables in schema public to anon;
grant select, insert, update, delete on all tables in schema public to authenticated;
grant all on all tables in schema public to service_role;
