-- The storefront's read model (DynamoDB) is the second consumer: operators and packages.
insert into public.migration_consumers (consumer, tbl) values
  ('marketplace', 'operators'),
  ('marketplace', 'multi_city_hotel_packages');
