-- Global: the organisation made first, whose server this is. Noted once, so that no clock set back gives it to another.
create table access.first_organisation (
  single boolean primary key default true check (single),
  organisation_id uuid not null references access.organisation (id)
);
insert into access.first_organisation (organisation_id)
  select id from access.organisation order by created_at, id limit 1;
grant select, insert on access.first_organisation to kept_app;
