-- Subscriptions to ledger entries, and what was sent to them.
create type webhooks.subscription_state as enum ('active', 'paused', 'disabled', 'removed');
create type webhooks.disabled_reason as enum ('gone', 'failing');
create type webhooks.signature_scheme as enum ('hmac-sha256', 'ed25519');
create type webhooks.delivery_state as enum ('waiting', 'delivered', 'failed', 'skipped');
create type webhooks.attempt_outcome as enum (
  'accepted', 'refused', 'redirected', 'throttled', 'gone', 'timed-out', 'unreachable', 'address-refused'
);

create table webhooks.subscription (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  name text not null,
  url text not null,
  -- Null for every kind.
  kinds ledger.entry_kind[],
  ordered boolean not null,
  state webhooks.subscription_state not null,
  disabled_reason webhooks.disabled_reason,
  stopped_at timestamptz,
  -- The next ledger entry to look at. It stands still while the subscription is stopped, so nothing is lost meanwhile.
  log_number integer not null check (log_number > 0),
  next_index bigint not null check (next_index >= 0),
  -- The next delivery's place in this subscription.
  next_sequence bigint not null check (next_sequence >= 0),
  -- Since when nothing was accepted, how often in a row, and until when the receiver is left alone.
  failing_since timestamptz,
  failures integer not null default 0,
  hold_until timestamptz,
  created_at timestamptz not null,
  primary key (organisation_id, id),
  check ((state = 'disabled') = (disabled_reason is not null)),
  check ((state = 'active') = (stopped_at is null))
);
alter table webhooks.subscription enable row level security;
alter table webhooks.subscription force row level security;
create policy tenant on webhooks.subscription
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on webhooks.subscription to kept_app;

-- What deliveries are signed with, sealed. Deleted once its overlap has ended.
create table webhooks.subscription_secret (
  organisation_id uuid not null,
  id uuid not null,
  subscription_id uuid not null,
  scheme webhooks.signature_scheme not null,
  sealed bytea not null,
  last_four text,
  public_key text,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, subscription_id) references webhooks.subscription (organisation_id, id),
  check ((scheme = 'ed25519') = (public_key is not null)),
  check ((scheme = 'hmac-sha256') = (last_four is not null))
);
create index subscription_secret_of on webhooks.subscription_secret (organisation_id, subscription_id, id);
create index subscription_secret_ending on webhooks.subscription_secret (organisation_id, expires_at) where expires_at is not null;
alter table webhooks.subscription_secret enable row level security;
alter table webhooks.subscription_secret force row level security;
create policy tenant on webhooks.subscription_secret
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on webhooks.subscription_secret to kept_app;

-- One entry for one subscription. No foreign key: thousands are written at once by who holds the subscription's row.
create table webhooks.delivery (
  organisation_id uuid not null,
  id uuid not null,
  subscription_id uuid not null,
  -- Its place in the subscription: that of the ledger. Null for a test, which waits for nobody.
  sequence bigint,
  -- Null for a test.
  entry_id uuid,
  kind ledger.entry_kind,
  -- The very octets that are signed and sent.
  body bytea not null,
  state webhooks.delivery_state not null,
  attempts integer not null,
  -- Since its creation or its last replay: retries are counted from here.
  round_attempts integer not null,
  round_started_at timestamptz,
  last_outcome webhooks.attempt_outcome,
  last_status smallint,
  created_at timestamptz not null,
  -- When it was last put into the queue: the period of its deletion runs from here, so that a replay is not cut short.
  queued_at timestamptz not null,
  due_at timestamptz,
  settled_at timestamptz,
  primary key (organisation_id, id),
  check ((state = 'waiting') = (due_at is not null)),
  check ((state = 'waiting') = (settled_at is null)),
  check ((sequence is null) = (entry_id is null)),
  check ((entry_id is null) = (kind is null))
);
create index delivery_due on webhooks.delivery (organisation_id, subscription_id, due_at, sequence) where state = 'waiting';
create index delivery_in_order on webhooks.delivery (organisation_id, subscription_id, sequence) where state = 'waiting';
create index delivery_of on webhooks.delivery (organisation_id, subscription_id, id);
create index delivery_settled on webhooks.delivery (organisation_id, subscription_id, state, settled_at) where settled_at is not null;
create index delivery_queued on webhooks.delivery (queued_at);
alter table webhooks.delivery enable row level security;
alter table webhooks.delivery force row level security;
create policy tenant on webhooks.delivery
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on webhooks.delivery to kept_app;
-- A queue: what was delivered must not slow down who looks for what waits.
alter table webhooks.delivery set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- What was sent and what was answered. The request's body is the delivery's.
create table webhooks.attempt (
  organisation_id uuid not null,
  delivery_id uuid not null,
  number integer not null check (number > 0),
  subscription_id uuid not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  outcome webhooks.attempt_outcome not null,
  url text not null,
  request_headers jsonb not null,
  status smallint,
  response_headers jsonb,
  response_body bytea,
  response_cut boolean,
  primary key (organisation_id, delivery_id, number),
  check ((status is null) = (response_headers is null)),
  check ((status is null) = (response_body is null)),
  check ((status is null) = (response_cut is null))
);
create index attempt_of on webhooks.attempt (organisation_id, subscription_id, started_at);
create index attempt_started on webhooks.attempt (started_at);
alter table webhooks.attempt enable row level security;
alter table webhooks.attempt force row level security;
create policy tenant on webhooks.attempt
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on webhooks.attempt to kept_app;

-- Which subscriptions have something to send, and from when: what every process looks at, over all organisations.
create table webhooks.due (
  organisation_id uuid not null,
  subscription_id uuid not null,
  due_at timestamptz not null,
  primary key (organisation_id, subscription_id)
);
create index due_at on webhooks.due (due_at);
alter table webhooks.due enable row level security;
alter table webhooks.due force row level security;
create policy within on webhooks.due
  using (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on webhooks.due to kept_app;

alter type ledger.entry_kind add value 'webhooks.subscription-created';
alter type ledger.entry_kind add value 'webhooks.subscription-changed';
alter type ledger.entry_kind add value 'webhooks.subscription-disabled';
alter type ledger.entry_kind add value 'webhooks.subscription-removed';
alter type ledger.entry_kind add value 'webhooks.secret-rotated';
alter type ledger.entry_kind add value 'webhooks.secret-ended';
alter type ledger.entry_kind add value 'webhooks.replayed';
