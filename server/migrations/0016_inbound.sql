-- Addresses at which platforms and systems that do not speak Kept's own API tell what happened.
alter type webhooks.event_type add value 'person.deleted';
alter type webhooks.event_type add value 'contact.opted-out';

create table webhooks.endpoint (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  name text not null,
  enabled boolean not null,
  -- How its sender signs, and where the sender's own id of an event stands (endpoints-contract.ts).
  scheme jsonb not null,
  identified_by jsonb not null,
  -- What becomes of what it receives (mapping-contract.ts). `rules_version` rises with each change.
  rules jsonb not null,
  rules_version integer not null,
  -- SHA-256 of what Meta shows when the address is entered there.
  verify_token_hash bytea,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- It answers no longer; what it received stays for its time.
  removed_at timestamptz,
  primary key (organisation_id, id)
);
alter table webhooks.endpoint enable row level security;
alter table webhooks.endpoint force row level security;
create policy tenant on webhooks.endpoint
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on webhooks.endpoint to kept_app;

-- What signatures are made with. Several while one takes over from another; sealed, since we have to compute with it.
create table webhooks.endpoint_secret (
  organisation_id uuid not null,
  id uuid not null,
  endpoint_id uuid not null,
  sealed_secret bytea not null,
  last_four text not null,
  created_at timestamptz not null,
  -- Until when it is accepted beside its successor; null for the one in use.
  ends_at timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, endpoint_id) references webhooks.endpoint (organisation_id, id)
);
create index endpoint_secret_endpoint on webhooks.endpoint_secret (organisation_id, endpoint_id);
create index endpoint_secret_ends_at on webhooks.endpoint_secret (organisation_id, ends_at) where ends_at is not null;
alter table webhooks.endpoint_secret enable row level security;
alter table webhooks.endpoint_secret force row level security;
create policy tenant on webhooks.endpoint_secret
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on webhooks.endpoint_secret to kept_app;

-- `waiting`: to be mapped; `mapped`: at least one rule applied; `unmapped`: none did; `failed`: one applied and could not
-- be carried out; `unreadable`: neither JSON nor a form.
create type webhooks.received_state as enum ('waiting', 'mapped', 'unmapped', 'failed', 'unreadable');

-- What came, whole, for 30 days.
create table webhooks.received (
  organisation_id uuid not null,
  id uuid not null,
  endpoint_id uuid not null,
  -- HMAC-SHA-256 of the sender's own id of it, or of the body where there is none: the same twice has one effect.
  sender_key bytea not null check (length(sender_key) = 32),
  -- That id as it was given; null where the body stands for it.
  sender_id text,
  content_type text,
  bytes integer not null,
  -- JSON: the headers that are kept, as pairs. Sealed like the body: it may speak of people.
  sealed_headers bytea not null,
  sealed_body bytea not null,
  state webhooks.received_state not null,
  -- Places that failed: [{ rule, field, code, at }], without what stood there.
  trouble jsonb not null,
  -- What it became: [{ event, type, rule, mappedAt }].
  events jsonb not null,
  rules_version integer,
  mapped_at timestamptz,
  received_at timestamptz not null,
  -- How often the sender repeated it.
  repeats integer not null default 0,
  repeated_at timestamptz,
  primary key (organisation_id, id),
  unique (organisation_id, endpoint_id, sender_key),
  foreign key (organisation_id, endpoint_id) references webhooks.endpoint (organisation_id, id)
);
create index received_of_endpoint on webhooks.received (organisation_id, endpoint_id, id);
create index received_of_state on webhooks.received (organisation_id, state, id);
create index received_received_at on webhooks.received (organisation_id, received_at);
alter table webhooks.received enable row level security;
alter table webhooks.received force row level security;
create policy tenant on webhooks.received
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on webhooks.received to kept_app;

create type webhooks.refusal_reason as enum (
  'disabled', 'signature-missing', 'signature-wrong', 'timestamp-missing', 'timestamp-outside', 'verify-token-wrong', 'too-many'
);

-- How often an endpoint refused what came, by day: whoever enters a wrong secret sees it here. Nothing of what came.
create table webhooks.endpoint_refusal (
  organisation_id uuid not null,
  endpoint_id uuid not null,
  refused_on date not null,
  reason webhooks.refusal_reason not null,
  count bigint not null,
  last_at timestamptz not null,
  primary key (organisation_id, endpoint_id, refused_on, reason),
  foreign key (organisation_id, endpoint_id) references webhooks.endpoint (organisation_id, id)
);
create index endpoint_refusal_last_at on webhooks.endpoint_refusal (organisation_id, last_at);
alter table webhooks.endpoint_refusal enable row level security;
alter table webhooks.endpoint_refusal force row level security;
create policy tenant on webhooks.endpoint_refusal
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on webhooks.endpoint_refusal to kept_app;

alter type ledger.entry_kind add value 'inbound.endpoint-changed';
alter type ledger.entry_kind add value 'inbound.received';
alter type ledger.entry_kind add value 'inbound.replayed';
