create schema messages;
grant usage on schema messages to kept_app;

-- `sending` is written before the mail server is spoken to, so that a crash in between is seen afterwards.
create type messages.message_state as enum ('queued', 'sending', 'sent', 'failed');
create type messages.language as enum ('pt-BR', 'en', 'es');
create type messages.message_reason as enum (
  'mail-not-configured', 'sending', 'server-unreachable', 'server-insecure', 'sign-in-refused', 'server-busy',
  'refused', 'address-invalid', 'gave-up', 'never-sent'
);

-- The outbox. Address and content are personal data: they go after 90 days, the rest of the row stays as evidence.
create table messages.message (
  organisation_id uuid not null,
  id uuid not null,
  idempotency_key text not null,
  template text not null,
  language messages.language not null,
  recipient text,
  subject text,
  body_text text,
  body_html text,
  -- Opens the commitment of the ledger entry to address and content; goes with them.
  salt text,
  commitment text not null,
  -- The header of the same name, decided at the first attempt and never again.
  message_id text,
  state messages.message_state not null,
  reason messages.message_reason,
  -- SMTP codes only, since a server's words may repeat the address.
  reply text,
  attempts integer not null,
  queued_at timestamptz not null,
  first_attempt_at timestamptz,
  next_attempt_at timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  purged_at timestamptz,
  primary key (organisation_id, id),
  unique (organisation_id, idempotency_key),
  check ((state in ('queued', 'sending')) = (next_attempt_at is not null)),
  check ((state = 'sent') = (sent_at is not null)),
  check ((state = 'failed') = (failed_at is not null)),
  check (purged_at is null or (recipient is null and subject is null and body_text is null and body_html is null and salt is null))
);
create index message_due on messages.message (organisation_id, next_attempt_at) where state in ('queued', 'sending');
create index message_unpurged on messages.message (organisation_id, queued_at) where purged_at is null;

alter table messages.message enable row level security;
alter table messages.message force row level security;
create policy tenant on messages.message
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.message to kept_app;
