-- Since 0021 an agent's role says what she may do, and invitations into teams share one table.
-- No release that runs beside this one reads what was there before.
alter table travel_agents drop column owner;
alter table sessions drop column agency_owner;
drop table operator_invitations;
