-- An operator writes its own rows with its own token (operators_write_own, packages_write_own). That it
-- is verified, and how travellers rate it and its packages, is for others to say: whoever comes as
-- `authenticated` leaves these columns as they were. Our server and the older one come as other roles.

create function public.keep_what_others_say() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user not in ('anon', 'authenticated') then
    return new;
  end if;
  new.rating := old.rating;
  if tg_table_name = 'operators' then
    new.verified_at := old.verified_at;
  else
    new.rating_count := coalesce(old.rating_count, 0);
  end if;
  return new;
end $$;

create trigger operators_said_by_others before insert or update on public.operators
  for each row execute function public.keep_what_others_say();
create trigger packages_said_by_others before insert or update on public.multi_city_hotel_packages
  for each row execute function public.keep_what_others_say();
