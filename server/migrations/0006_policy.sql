create schema policy;
grant usage on schema policy to kept_app;

create type policy.status as enum ('kept', 'due', 'broken', 'unproven');

-- Texts, immutable and named by what they say: the hash is the SHA-256 of the canonical JSON of the document.
create table policy.version (
  organisation_id uuid not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  source text not null,
  canonical text not null,
  primary key (organisation_id, hash)
);
alter table policy.version enable row level security;
alter table policy.version force row level security;
create policy tenant on policy.version
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on policy.version to kept_app;

-- When a text came into force. The same text may come back later; the last number is in force.
create table policy.publication (
  organisation_id uuid not null,
  number integer not null check (number > 0),
  hash text not null,
  parent text,
  published_at timestamptz not null,
  entry_id uuid not null,
  primary key (organisation_id, number),
  foreign key (organisation_id, hash) references policy.version (organisation_id, hash)
);
create index publication_hash on policy.publication (organisation_id, hash, number);
alter table policy.publication enable row level security;
alter table policy.publication force row level security;
create policy tenant on policy.publication
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on policy.publication to kept_app;

-- What was measured, one row a look. `rule_hash` says of which rule: a changed rule has no proof yet.
create table policy.proof (
  organisation_id uuid not null,
  promise text not null,
  -- Counted per promise under the measuring lock: the later look has the higher number, also after a clock went back.
  number integer not null check (number > 0),
  rule_hash text not null check (rule_hash ~ '^[0-9a-f]{64}$'),
  version_hash text not null,
  status policy.status not null,
  measured_at timestamptz not null,
  measurement jsonb not null,
  entry_id uuid not null,
  primary key (organisation_id, promise, number)
);
alter table policy.proof enable row level security;
alter table policy.proof force row level security;
create policy tenant on policy.proof
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, delete on policy.proof to kept_app;
