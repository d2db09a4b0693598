create schema webhooks;
grant usage on schema webhooks to kept_app;

create type webhooks.event_type as enum ('grant.revoked', 'account.cancelled', 'account.reactivated');

-- The inbox: events as they came, for 30 days. Longer than that the ledger remembers that one came, not what it said.
create table webhooks.event (
  organisation_id uuid not null,
  id uuid not null,
  -- The sender's own id of the event.
  sender_id text not null,
  type webhooks.event_type not null,
  payload jsonb not null,
  -- SHA-256 of the payload's canonical JSON.
  content_hash bytea not null,
  received_at timestamptz not null,
  primary key (organisation_id, id),
  unique (organisation_id, sender_id)
);
create index event_received_at on webhooks.event (organisation_id, received_at);

alter table webhooks.event enable row level security;
alter table webhooks.event force row level security;
create policy tenant on webhooks.event
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on webhooks.event to kept_app;
