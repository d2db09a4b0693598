create schema datamap;
grant usage on schema datamap to kept_app;

-- Texts, immutable and named by what they say, as in policy.version. No credential ever stands in one.
create table datamap.version (
  organisation_id uuid not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  source text not null,
  canonical text not null,
  primary key (organisation_id, hash)
);
alter table datamap.version enable row level security;
alter table datamap.version force row level security;
create policy tenant on datamap.version
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on datamap.version to kept_app;

create table datamap.publication (
  organisation_id uuid not null,
  number integer not null check (number > 0),
  hash text not null,
  parent text,
  published_at timestamptz not null,
  entry_id uuid not null,
  primary key (organisation_id, number),
  foreign key (organisation_id, hash) references datamap.version (organisation_id, hash)
);
create index publication_hash on datamap.publication (organisation_id, hash, number);
alter table datamap.publication enable row level security;
alter table datamap.publication force row level security;
create policy tenant on datamap.publication
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on datamap.publication to kept_app;
