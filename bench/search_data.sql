-- {packages} packages and ten times as many departures, written straight into the search index:
-- places, tags and words are as unevenly common as in life. The same at each run.

select setseed(0.42);
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
create temp table made as
select g as n, gen_random_uuid() as id, floor(80*power(random(),2))::int as c,
  array[floor(20*power(random(),1.5))::int, floor(20*power(random(),1.5))::int, floor(20*power(random(),1.5))::int] as ks,
  1+floor(random()*3)::int as tags, floor(40*power(random(),2))::int as t1, floor(40*power(random(),2))::int as t2,
  floor(({packages}/100)*random())::int as op, 2+floor(random()*4)::int as stars, 1+floor(power(random(),3)*5)::int as board,
  2+floor(power(random(),2)*19)::int as nights, 200+floor(power(random(),2)*4800)::int as price, 3.5+random()*1.5 as rating,
  floor(208*power(random(),2))::int as w1, floor(208*power(random(),2))::int as w2
from generate_series(1, {packages}) g;
analyze made;
insert into package_search (package_id, slug, title, operator_id, operator_slug, operator_name, cities, countries, city_keys, boards, tags, stars, nights, latitude, currency, currency_unit, price_minor, rating)
select m.id, 'trip-'||m.n, initcap(a.word)||' '||b.word||' through '||initcap(f.name)||' '||m.n,
 ('00000000-0000-4000-8000-'||lpad(m.op::text,12,'0'))::uuid, 'operator-'||m.op, 'Operator '||m.op,
 (select jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'name', initcap(l.name), 'country', l.country, 'nights', 3)) from city_list l where l.country_no=m.c and l.k=any(m.ks)),
 array[f.country], (select array_agg(name) from city_list l where l.country_no=m.c and l.k=any(m.ks)),
 array['breakfast'], array['tag'||m.t1, 'tag'||m.t2], m.stars, m.nights, f.latitude, 'EUR', 100, m.price*100, round(m.rating::numeric,1)
from made m join word_list a on a.n=m.w1 join word_list b on b.n=m.w2 join city_list f on f.country_no=m.c and f.k=m.ks[1];
insert into departures (id, package_id, operator_id, starts_on, ends_on, timezone, capacity, currency, price_minor, status)
select gen_random_uuid(), id, ('00000000-0000-4000-8000-'||lpad(op::text,12,'0'))::uuid, d, d+nights, 'UTC', 8+floor(random()*12)::int, 'EUR', price*100, case when random()<0.03 then 'closed' else 'open' end
from (select distinct m.id, m.op, m.nights, m.price, current_date - 120 + floor(random()*480)::int as d from made m, generate_series(1,10)) x;
insert into package_index
  (package_id, title, terms, document, currency, price, nights, rating, stale_after)
select m.id, lower(p.title),
  array(select id from search_terms t where (kind,key) in ((0,''),(1,p.countries[1]),(3,p.tags[1]),(3,p.tags[2]),(4,p.operator_slug),(6,(array['breakfast','half_board','room_only','full_board','all_inclusive'])[m.board]))
     union select t.id from search_terms t where kind=2 and key=any(p.city_keys)
     union select t.id from search_terms t where kind=7 and key=any(array(select x||' '||p.countries[1]||' 0 0' from unnest(p.city_keys) x))
     union select t.id from search_terms t where kind=5 and key::int <= m.stars),
  setweight(to_tsvector('simple', p.title),'A')||setweight(to_tsvector('simple', array_to_string(p.city_keys,' ')||' '||p.countries[1]),'B')||setweight(to_tsvector('simple', array_to_string(p.tags,' ')||' '||p.operator_name),'C'),
  'EUR', m.price, m.nights, m.rating,
  (select min(starts_on) from departures d where d.package_id = m.id and d.status = 'open'
     and d.starts_on >= current_date)
from made m join package_search p on p.package_id=m.id;
insert into seat_claims (id, departure_id, package_id, seats, state, expires_at, adults)
select gen_random_uuid(), id, package_id, 2+floor(random()*6)::int, 'sold', now(), 2 from departures, generate_series(1,2) where random()<0.2;
insert into payout_accounts (id, party, party_id, stripe_account_id, transfers_active)
select gen_random_uuid(), 'operator', ('00000000-0000-4000-8000-'||lpad(n::text,12,'0'))::uuid, 'acct_'||n, true from generate_series(0,{packages}/100) n;
