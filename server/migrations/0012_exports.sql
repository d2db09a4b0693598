create schema exports;
grant usage on schema exports to kept_app;

create type exports.export_state as enum ('queued', 'making', 'ready', 'expired', 'cancelled', 'failed');
create type exports.export_reason as enum ('storage-unavailable', 'internal-error', 'took-too-long', 'kind-gone');
create type exports.export_format as enum ('ndjson', 'csv', 'json');
create type exports.actor_kind as enum ('person', 'key', 'system');

-- What was asked for and what became of it. It stays, but for the parameters, which may name people.
create table exports.export (
  organisation_id uuid not null,
  id uuid not null,
  kind text not null,
  format exports.export_format not null,
  parameters jsonb,
  state exports.export_state not null,
  reason exports.export_reason,
  -- Errors so far. A process that is killed makes none.
  failures smallint not null default 0,
  rows_done bigint not null default 0,
  rows_expected bigint,
  bytes bigint,
  sha256 text,
  -- The file of the attempt under way, then of the one that came to its end.
  file_id uuid,
  actor_kind exports.actor_kind not null,
  actor_id text not null,
  asked_at timestamptz not null,
  ended_at timestamptz,
  expires_at timestamptz,
  purged_at timestamptz,
  primary key (organisation_id, id),
  check ((state in ('queued', 'making')) = (ended_at is null)),
  check ((state in ('ready', 'expired')) = (bytes is not null)),
  check ((bytes is null) = (sha256 is null) and (bytes is null) = (expires_at is null)),
  check ((state = 'failed') = (reason is not null))
);
create index export_asked_at on exports.export (organisation_id, asked_at);
create index export_open on exports.export (organisation_id, asked_at) where state in ('queued', 'making', 'ready');
alter table exports.export enable row level security;
alter table exports.export force row level security;
create policy tenant on exports.export
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on exports.export to kept_app;

-- A stored file, of one attempt each. The row is there before the file and goes after it.
create table exports.file (
  organisation_id uuid not null,
  id uuid not null,
  export_id uuid not null,
  -- Its key in the storage: `exports/<organisation>/<id>`.
  path text not null,
  begun_at timestamptz not null,
  primary key (organisation_id, id),
  foreign key (organisation_id, export_id) references exports.export (organisation_id, id)
);
create index file_export on exports.file (organisation_id, export_id);
create index file_begun_at on exports.file (organisation_id, begun_at);
alter table exports.file enable row level security;
alter table exports.file force row level security;
create policy tenant on exports.file
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, delete on exports.file to kept_app;

-- Links that were given out. One that was used is a download.
create table exports.link (
  organisation_id uuid not null,
  id uuid not null,
  export_id uuid not null,
  actor_kind exports.actor_kind not null,
  actor_id text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, export_id) references exports.export (organisation_id, id)
);
create index link_export on exports.link (organisation_id, export_id);
alter table exports.link enable row level security;
alter table exports.link force row level security;
create policy tenant on exports.link
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on exports.link to kept_app;

alter type ledger.entry_kind add value 'export.asked';
alter type ledger.entry_kind add value 'export.made';
alter type ledger.entry_kind add value 'export.cancelled';
alter type ledger.entry_kind add value 'export.failed';
alter type ledger.entry_kind add value 'export.downloaded';
alter type ledger.entry_kind add value 'export.expired';
