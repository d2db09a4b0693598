-- Roles belong to the cluster, not to the database, so another database of Kept may have made them already.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['kept_app', 'kept_sequencer', 'kept_pruner'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null; -- made a moment ago by a migration of another database
      end;
    end if;
    -- A superuser may act as anybody. Any other login needs membership, which PostgreSQL 16 and later do not give
    -- to the maker of a role; where it may not be given, the check after the migrations says what to do.
    if not (select rolsuper from pg_roles where rolname = current_user) then
      begin
        execute format('grant %I to current_user', wanted);
      exception when insufficient_privilege then
        null;
      end;
    end if;
  end loop;
end $$;

create schema access;
grant usage on schema access to kept_app;

-- Global: which organisations there are.
create table access.organisation (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  created_at timestamptz not null
);
grant select, insert, update on access.organisation to kept_app;

-- The person who owns an organisation on this machine: an id, so that the ledger can say who acted.
create table access.owner (
  organisation_id uuid not null references access.organisation (id),
  person_id uuid not null,
  primary key (organisation_id, person_id)
);
alter table access.owner enable row level security;
alter table access.owner force row level security;
create policy tenant on access.owner
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.owner to kept_app;

-- Global: links that sign in the local owner once. The token itself is never stored.
create table access.owner_link (
  token_hash bytea primary key,
  organisation_id uuid not null references access.organisation (id),
  person_id uuid not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
grant select, insert, update, delete on access.owner_link to kept_app;

-- Global, since a request carries only its cookie: hash of the session token → organisation and person.
create table access.session (
  token_hash bytea primary key,
  organisation_id uuid not null references access.organisation (id),
  person_id uuid not null,
  language text not null check (language in ('pt-BR', 'en', 'es')),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index session_expires_at on access.session (expires_at);
grant select, insert, update, delete on access.session to kept_app;
