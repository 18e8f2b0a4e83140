-- {packages} packages and ten times as many departures, written straight into the search index:
-- places, tags and words are as unevenly common as in life. The same at each run. Loaded
-- without indexes and triggers, which are made afterwards; so is what triggers would have kept.

select setseed(0.42);
set work_mem = '256MB';
set maintenance_work_mem = '512MB';
set synchronous_commit = off;

create temp table filled as select unnest(array['package_search', 'package_index', 'departures',
  'seat_claims', 'payout_accounts']) as name;
create temp table made_afterwards as
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i join filled f on i.indrelid = f.name::regclass
where not exists (select from pg_constraint c where c.conindid = i.indexrelid);
do $$ declare t text; begin
  for t in select name from filled loop execute format('alter table %I disable trigger user', t); end loop;
  for t in select name from made_afterwards loop execute format('drop index %s', t); end loop;
end $$;

create temp table word_list as select n,
  (array['slow','grand','hidden','coastal','high','old','golden','wild','quiet','royal','northern','southern','eastern','western','long','short'])[1+n%16] ||
  case when n < 16 then '' else (array['way','land','shore','ridge','mere','field','gate','ford','dale','crest','port','wick'])[1+(n/16)%12] end as word
  from generate_series(0,207) n;
create temp table city_list as select c as country_no, k, chr(65+c/26)||chr(65+c%26) as country,
  (array['bel','cor','dan','fal','gor','hal','kas','lor','mar','nor','pal','ros','san','tar','val','ver','zan','min','per','ril'])[1+k] ||
  (array['a','e','i','o','u'])[1+c%5] || (array['burg','ville','mont','stad'])[1+(c/5)%4] || (array['na','ra','ta','la'])[1+(c/20)%4] as name,
  -55+ 120*((c*37)%80)/80.0 + k*0.3 as latitude, -170+ 340*((c*53)%80)/80.0 + k*0.4 as longitude
  from generate_series(0,79) c, generate_series(0,19) k;
insert into search_terms (id, kind, key, label, name, country, latitude, longitude)
select nextval('search_terms_number') * 8 + kind, kind, key, label,
  case when kind in (1, 2, 3, 4) then '|' || lower(label) else '' end, country, latitude, longitude
from (
  select 0 as kind, '' as key, '' as label, null::char(2) as country, null::float8 as latitude, null::float8 as longitude
  union all select distinct 1, country, 'Country '||country, country, null::float8, null::float8 from city_list
  union all select 2, name, initcap(name), min(country), min(latitude), min(longitude) from city_list group by name
  union all select 3, 'tag'||n, 'tag'||n, null, null, null from generate_series(0,39) n
  union all select 4, 'operator-'||n, 'Operator '||n, null, null, null from generate_series(0, {packages}/100) n
  union all select 5, n::text, n::text, null, null, null from generate_series(1,5) n
  union all select 6, b, b, null, null, null from unnest(array['room_only','breakfast','half_board','full_board','all_inclusive']) b
  union all select 7, name||' '||country||' 0 0', initcap(name), country, latitude, longitude from city_list) x;
analyze search_terms;
create temp table made as
select g as n, gen_random_uuid() as id, floor(80*power(random(),2))::int as c,
  array[floor(20*power(random(),1.5))::int, floor(20*power(random(),1.5))::int, floor(20*power(random(),1.5))::int] as ks,
  floor(40*power(random(),2))::int as t1, floor(40*power(random(),2))::int as t2,
  floor(({packages}/100)*random())::int as op, 2+floor(random()*4)::int as stars, 1+floor(power(random(),3)*5)::int as board,
  2+floor(power(random(),2)*19)::int as nights, 200+floor(power(random(),2)*4800)::int as price, 3.5+random()*1.5 as rating,
  floor(208*power(random(),2))::int as w1, floor(208*power(random(),2))::int as w2
from generate_series(1, {packages}) g;
analyze made;
create temp table stayed as
select m.id, min(l.country) as country, array_agg(l.name) as names, min(l.latitude) as latitude,
  min(l.name) filter (where l.k = m.ks[1]) as first,
  jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'name', initcap(l.name), 'country', l.country, 'nights', 3)) as cities,
  array_agg(city.id) || array_agg(place.id) || min(land.id) as terms
from made m join city_list l on l.country_no = m.c and l.k = any(m.ks)
join search_terms city on city.kind = 2 and city.key = l.name
join search_terms place on place.kind = 7 and place.key = l.name||' '||l.country||' 0 0'
join search_terms land on land.kind = 1 and land.key = l.country
group by m.id;
analyze stayed;
insert into package_search (package_id, slug, title, operator_id, operator_slug, operator_name, cities, countries, city_keys, boards, tags, stars, nights, latitude, currency, currency_unit, price_minor, rating)
select m.id, 'trip-'||m.n, initcap(a.word)||' '||b.word||' through '||initcap(s.first)||' '||m.n,
 ('00000000-0000-4000-8000-'||lpad(m.op::text,12,'0'))::uuid, 'operator-'||m.op, 'Operator '||m.op,
 s.cities, array[s.country], s.names, array['breakfast'], array['tag'||m.t1, 'tag'||m.t2], m.stars, m.nights, s.latitude, 'EUR', 100, m.price*100, round(m.rating::numeric,1)
from made m join stayed s using (id) join word_list a on a.n=m.w1 join word_list b on b.n=m.w2;
analyze package_search;
insert into departures (id, package_id, operator_id, starts_on, ends_on, timezone, capacity, currency, price_minor, status)
select gen_random_uuid(), id, ('00000000-0000-4000-8000-'||lpad(op::text,12,'0'))::uuid, d, d+nights, 'UTC', 8+floor(random()*12)::int, 'EUR', price*100, case when random()<0.03 then 'closed' else 'open' end
from (select distinct m.id, m.op, m.nights, m.price, current_date - 120 + floor(random()*480)::int as d from made m, generate_series(1,10)) x;
insert into seat_claims (id, departure_id, package_id, seats, state, expires_at, adults)
select gen_random_uuid(), id, package_id, 2+floor(random()*6)::int, 'sold', now(), 2 from departures, generate_series(1,2) where random()<0.2;
insert into payout_accounts (id, party, party_id, stripe_account_id, transfers_active)
select gen_random_uuid(), 'operator', ('00000000-0000-4000-8000-'||lpad(n::text,12,'0'))::uuid, 'acct_'||n, true from generate_series(0,{packages}/100) n;
analyze departures;

create temp table open_days as
select package_id, min(starts_on) as first,
  range_agg(int4range(least * 65536 + day, least * 65536 + day, '[]')) filter (where least > 0) as seats,
  range_agg(int4range(most * 65536 + day, most * 65536 + day, '[]')) filter (where most > least) as seats_perhaps
from (
  select d.package_id, d.starts_on, d.starts_on - date '2000-01-01' as day,
    seat_level(d.capacity - coalesce(c.taken, 0)) as least, least(seat_level(d.capacity - coalesce(c.taken, 0) - 1) + 1, 14) as most
  from departures d left join (select departure_id, sum(seats) as taken from seat_claims group by 1) c on c.departure_id = d.id
  where d.status = 'open' and d.starts_on >= current_date and d.capacity > coalesce(c.taken, 0)) days
group by package_id;
analyze open_days;
insert into package_index (package_id, title, terms, document, currency, price, nights, rating, stale_after, facets, seats, seats_perhaps)
select m.id, lower(p.title), s.terms || chosen.ids,
  setweight(to_tsvector('simple', p.title),'A')||setweight(to_tsvector('simple', array_to_string(s.names,' ')||' '||s.country),'B')||setweight(to_tsvector('simple', array_to_string(p.tags,' ')||' '||p.operator_name),'C'),
  'EUR', m.price, m.nights, m.rating, d.first,
  chosen.facets || array(select code from unnest(s.terms) code where code & 7 <> 7),
  coalesce(d.seats, '{}'), coalesce(d.seats_perhaps, '{}')
from made m join package_search p on p.package_id = m.id join stayed s using (id)
left join open_days d on d.package_id = m.id
cross join lateral (select array_agg(distinct t.id) as ids, array_agg(distinct t.id) filter (where kind <> 5 or key = m.stars::text) as facets
  from (values (0,''), (3,p.tags[1]), (3,p.tags[2]), (4,p.operator_slug),
    (6,(array['breakfast','half_board','room_only','full_board','all_inclusive'])[m.board]),
    (5,'1'), (5,'2'), (5,case when m.stars > 2 then '3' end), (5,case when m.stars > 3 then '4' end), (5,case when m.stars > 4 then '5' end)) w (kind, key)
  join search_terms t using (kind, key)) chosen;

do $$ declare t text; begin
  for t in select definition from made_afterwards loop execute t; end loop;
  for t in select name from filled loop execute format('alter table %I enable trigger user', t); end loop;
end $$;
update search_terms t set packages = c.n
from (select code, count(*) as n from package_index, unnest(terms) as code group by code) c where c.code = t.id;
insert into search_words (word, packages) select word, ndoc from ts_stat('select document from package_index');
