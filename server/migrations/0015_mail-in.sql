-- Mail in: mailboxes, the threads of mail that come from them, attachments.
create type messages.mailbox_kind as enum ('imap', 'webhook');
create type messages.mailbox_security as enum ('tls', 'starttls', 'none');
create type messages.mailbox_scheme as enum ('standard', 'mailgun');
create type messages.mailbox_error as enum (
  'host-refused', 'host-unknown', 'server-unreachable', 'server-insecure', 'sign-in-refused', 'folder-missing',
  'server-faulty', 'mail-lost'
);
create table messages.mailbox (
  organisation_id uuid not null,
  id uuid not null,
  kind messages.mailbox_kind not null,
  name text not null,
  -- The organisation's own address, not a person's.
  mail_address text not null,
  enabled boolean not null,
  subaddressing boolean not null,
  host text,
  port integer,
  security messages.mailbox_security,
  username text,
  folder text,
  scheme messages.mailbox_scheme,
  -- The password, or the secret that the provider signs with; and the one before it, for a day.
  sealed_secret bytea not null,
  last_four text,
  earlier_sealed_secret bytea,
  earlier_until timestamptz,
  -- How far the folder was read. Another UIDVALIDITY means that the numbers began anew.
  uid_validity bigint,
  last_uid bigint not null default 0,
  error messages.mailbox_error,
  failing_since timestamptz,
  -- When owners and data protection officers were told of it.
  told_at timestamptz,
  -- When a failing one is tried again: a server locks out who shows a wrong password every minute.
  next_read_at timestamptz,
  read_at timestamptz,
  received_at timestamptz,
  -- The mail that is sent to it once a day: its message, and when it came back.
  probe_message_id uuid,
  probe_sent_at timestamptz,
  probe_taken_at timestamptz,
  created_at timestamptz not null,
  primary key (organisation_id, id),
  unique (organisation_id, mail_address),
  check ((kind = 'imap') = (host is not null and port is not null and security is not null and username is not null and folder is not null)),
  check ((kind = 'webhook') = (scheme is not null and last_four is not null)),
  check ((error is null) = (failing_since is null))
);
alter table messages.mailbox enable row level security;
alter table messages.mailbox force row level security;
create policy tenant on messages.mailbox
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.mailbox to kept_app;

-- What was taken from a mailbox. It outlives the mail, so that nothing is taken twice as long as it lies on the server.
create table messages.taken (
  organisation_id uuid not null,
  mailbox_id uuid not null,
  -- SHA-256 over what two deliveries of one mail have in common; tells nothing about anybody.
  fingerprint bytea not null,
  -- Null where no thread shows it: a mail of Kept's own to see that the mailbox works.
  mail_id uuid,
  taken_at timestamptz not null,
  primary key (organisation_id, mailbox_id, fingerprint)
);
alter table messages.taken enable row level security;
alter table messages.taken force row level security;
create policy tenant on messages.taken
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.taken to kept_app;

create type messages.thread_state as enum ('open', 'closed', 'dismissed');
create table messages.thread (
  organisation_id uuid not null,
  id uuid not null,
  -- The mailbox may be gone; the thread stays.
  mailbox_id uuid not null,
  -- Personal data; gone a year after the last mail.
  subject text,
  correspondent_name text,
  correspondent_address text,
  -- What an answer carries in its address where the mailbox takes such addresses. It opens nothing but the thread.
  token text not null,
  state messages.thread_state not null,
  assignee_id uuid,
  awaits_reply boolean not null,
  mails integer not null,
  opened_at timestamptz not null,
  last_mail_at timestamptz not null,
  purged_at timestamptz,
  primary key (organisation_id, id),
  unique (organisation_id, token),
  check (purged_at is null or (subject is null and correspondent_name is null and correspondent_address is null))
);
create index thread_last on messages.thread (organisation_id, last_mail_at desc, id desc);
alter table messages.thread enable row level security;
alter table messages.thread force row level security;
create policy tenant on messages.thread
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.thread to kept_app;

create type messages.mail_kind as enum ('mail', 'auto-reply', 'bounce', 'reply');
create type messages.mail_defect as enum ('malformed', 'text-cut', 'too-large', 'attachments-left-out', 'other-sender');
create table messages.mail (
  organisation_id uuid not null,
  id uuid not null,
  thread_id uuid not null,
  kind messages.mail_kind not null,
  -- The header of this name; also of a reply, where it is known once it was tried.
  message_id_header text,
  -- Personal data, from here; gone a year after it came.
  from_name text,
  from_address text,
  to_addresses text[],
  subject text,
  body_text text,
  -- Opens the commitment of the ledger entry to the mail; goes with it.
  salt text,
  was_page boolean not null,
  defects messages.mail_defect[] not null,
  -- Of a reply: the message that carries it, and who wrote it.
  message_id uuid,
  written_by uuid,
  idempotency_key uuid,
  bounce_code text,
  received_at timestamptz not null,
  dated_at timestamptz,
  purged_at timestamptz,
  primary key (organisation_id, id),
  unique (organisation_id, idempotency_key),
  foreign key (organisation_id, thread_id) references messages.thread (organisation_id, id),
  check ((kind = 'reply') = (message_id is not null)),
  check (purged_at is null or (from_name is null and from_address is null and to_addresses is null and subject is null and body_text is null and salt is null))
);
create index mail_thread on messages.mail (organisation_id, thread_id, id);
create index mail_header on messages.mail (organisation_id, message_id_header);
create index mail_received on messages.mail (organisation_id, received_at) where purged_at is null;
alter table messages.mail enable row level security;
alter table messages.mail force row level security;
create policy tenant on messages.mail
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.mail to kept_app;

-- Files in the storage. A row is there before its file is written, and goes with it after ninety days.
create table messages.attachment_file (
  organisation_id uuid not null,
  id uuid not null,
  -- Its key: `attachments/<organisation>/<id>`.
  path text not null,
  begun_at timestamptz not null,
  primary key (organisation_id, id)
);
create index attachment_file_begun_at on messages.attachment_file (organisation_id, begun_at);
alter table messages.attachment_file enable row level security;
alter table messages.attachment_file force row level security;
create policy tenant on messages.attachment_file
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.attachment_file to kept_app;

-- What is known of an attachment. Its file has the same id, as long as it is there.
create table messages.attachment (
  organisation_id uuid not null,
  id uuid not null,
  mail_id uuid not null,
  -- Personal data; goes with the file.
  name text,
  media_type text not null,
  bytes bigint not null,
  sha256 bytea not null,
  received_at timestamptz not null,
  purged_at timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, mail_id) references messages.mail (organisation_id, id),
  check (purged_at is null or name is null)
);
create index attachment_mail on messages.attachment (organisation_id, mail_id);
create index attachment_received on messages.attachment (organisation_id, received_at) where purged_at is null;
alter table messages.attachment enable row level security;
alter table messages.attachment force row level security;
create policy tenant on messages.attachment
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.attachment to kept_app;

alter type ledger.entry_kind add value 'mailbox.changed';
alter type ledger.entry_kind add value 'mailbox.failed';
alter type ledger.entry_kind add value 'mailbox.recovered';
alter type ledger.entry_kind add value 'mail.received';
alter type ledger.entry_kind add value 'thread.changed';
