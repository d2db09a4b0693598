-- Announcements can be declined; what a contract or a law owes somebody cannot.
create type messages.category as enum ('transactional', 'legal', 'announcement');
create type messages.opt_out_via as enum ('one-click', 'page', 'api', 'event', 'reply');

-- The mail server took it over, and later said that it did not arrive.
alter type messages.message_state add value 'bounced';
alter type messages.message_reason add value 'opted-out';
alter type messages.message_reason add value 'bounced';

alter table messages.message
  add column category messages.category not null default 'transactional',
  -- Of an announcement: the keyed hash of its recipient, which opt-outs are found by. Goes with the address.
  add column recipient_key bytea,
  -- When the attempt began that was the last one so far. Opt-outs are older or younger than it.
  add column attempted_at timestamptz,
  add column bounced_at timestamptz,
  -- Headers of this one message, personal data like the rest of it.
  add column from_name text,
  add column reply_to text,
  add column in_reply_to text,
  add column reference_ids text[];

-- The owner of the tables is held back by its own wall, and there is no organisation here.
alter table messages.message no force row level security;
update messages.message set category = 'legal' where template = 'contract-end-confirmation';
alter table messages.message force row level security;
alter table messages.message alter column category drop default;

-- A new value of an enum cannot be named in the transaction that adds it, so these say it otherwise.
alter table messages.message drop constraint message_check1;
alter table messages.message drop constraint message_check3;
alter table messages.message
  add constraint message_sent_at check ((state not in ('queued', 'sending', 'failed')) = (sent_at is not null)),
  add constraint message_bounced_at check ((state not in ('queued', 'sending', 'sent', 'failed')) = (bounced_at is not null)),
  add constraint message_purged check (purged_at is null or (
    recipient is null and recipient_key is null and subject is null and body_text is null and body_html is null and salt is null
    and from_name is null and reply_to is null and in_reply_to is null and reference_ids is null)),
  add constraint message_announced check (category <> 'announcement' or recipient_key is not null or purged_at is not null);

-- The log of mail, by what it is asked for; and bounces, which name a message by its header.
create index message_of_state on messages.message (organisation_id, state, id);
create index message_of_template on messages.message (organisation_id, template, id);
create index message_of_category on messages.message (organisation_id, category, id);
create index message_of_recipient on messages.message (organisation_id, lower(recipient), id) where recipient is not null;
create index message_of_header on messages.message (organisation_id, message_id) where message_id is not null;
create index message_announcement on messages.message (organisation_id, recipient_key) where recipient_key is not null;

-- Who wants no announcements: a keyed hash of the address, never the address.
create table messages.opt_out (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  recipient_key bytea not null check (length(recipient_key) = 32),
  via messages.opt_out_via not null,
  opted_out_at timestamptz not null,
  primary key (organisation_id, id),
  unique (organisation_id, recipient_key)
);
alter table messages.opt_out enable row level security;
alter table messages.opt_out force row level security;
create policy tenant on messages.opt_out
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, delete on messages.opt_out to kept_app;

-- One that was taken back, with the time in which it held, by which what was sent is judged. It stays a while.
create table messages.withdrawn_opt_out (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  recipient_key bytea not null,
  via messages.opt_out_via not null,
  opted_out_at timestamptz not null,
  withdrawn_at timestamptz not null,
  primary key (organisation_id, id),
  check (withdrawn_at >= opted_out_at)
);
create index withdrawn_opt_out_of_recipient on messages.withdrawn_opt_out (organisation_id, recipient_key);
create index withdrawn_opt_out_at on messages.withdrawn_opt_out (organisation_id, withdrawn_at);
alter table messages.withdrawn_opt_out enable row level security;
alter table messages.withdrawn_opt_out force row level security;
create policy tenant on messages.withdrawn_opt_out
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on messages.withdrawn_opt_out to kept_app;

-- In whose name an organisation writes. The address stays that of the server, which is the one its domain vouches for.
create table messages.sender (
  organisation_id uuid not null references access.organisation (id),
  from_name text,
  reply_to text,
  changed_at timestamptz not null,
  primary key (organisation_id)
);
alter table messages.sender enable row level security;
alter table messages.sender force row level security;
create policy tenant on messages.sender
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update on messages.sender to kept_app;

alter type ledger.entry_kind add value 'message.ordered';
alter type ledger.entry_kind add value 'message.bounced';
alter type ledger.entry_kind add value 'message.resent';
alter type ledger.entry_kind add value 'message.opted-out';
alter type ledger.entry_kind add value 'message.opted-in';
alter type ledger.entry_kind add value 'message.sender-changed';
