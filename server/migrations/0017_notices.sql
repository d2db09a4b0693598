create type messages.notice_state as enum ('draft', 'announced', 'in-force', 'cancelled');
create type messages.notice_category as enum ('legal', 'announcement');
create type messages.notice_reason as enum (
  'policy-change', 'terms-change', 'recipient-change', 'purpose-change', 'price-change', 'service-change', 'incident',
  'other'
);
create type messages.notice_channel as enum ('e-mail', 'in-product', 'page');
-- Where its in-product notices are shown: in the organisation's own product, or in Kept's console.
create type messages.notice_place as enum ('product', 'console');
create type messages.notice_part as enum ('notice', 'cancellation');

create table messages.notice (
  organisation_id uuid not null,
  id uuid not null,
  state messages.notice_state not null,
  revision integer not null,
  category messages.notice_category not null,
  reason messages.notice_reason not null,
  legal_basis text[] not null,
  audience text not null,
  audience_only text[] not null,
  channels messages.notice_channel[] not null check (cardinality(channels) > 0),
  lead_days integer not null check (lead_days >= 0),
  -- Announced to the recipients; a civil date of the organisation's time zone.
  effective_on date,
  main_language messages.language not null,
  -- Of the organisation at the announcement: its calendar counts the lead time.
  time_zone text,
  place messages.notice_place not null default 'product',
  created_at timestamptz not null,
  announced_at timestamptz,
  -- Opens the commitment of the entry `notice.announced` to the texts, which are public and stay.
  salt text,
  -- The same for `notice.cancelled`.
  cancellation_salt text,
  -- The last reference that was fixed; null before the first and after the last.
  fixed_to text,
  -- When the audience was gone through to its end.
  fixed_at timestamptz,
  recipients integer not null default 0,
  batches integer not null default 0,
  -- When the last recipient was told, or attempted for good.
  told_at timestamptz,
  in_force_at timestamptz,
  cancelled_at timestamptz,
  -- When the last one who was told of the notice was told of its cancellation.
  followed_up_at timestamptz,
  primary key (organisation_id, id),
  check ((state = 'draft') = (announced_at is null)),
  check ((state = 'in-force') = (in_force_at is not null)),
  check ((state = 'cancelled') = (cancelled_at is not null)),
  check (announced_at is null or (effective_on is not null and time_zone is not null)),
  check (category <> 'legal' or announced_at is null or cardinality(legal_basis) > 0),
  check (fixed_at is null or announced_at is not null),
  check (told_at is null or (fixed_at is not null and told_at >= announced_at)),
  check (followed_up_at is null or cancelled_at is not null),
  -- No notice takes effect before its lead time has ended, whoever writes the row. The day of the telling does not
  -- count, the last day of the term does (Código Civil art. 132; Regulation 1182/71 art. 3).
  constraint notice_lead_time check (
    in_force_at is null
    or (told_at is not null
      and (in_force_at at time zone time_zone)::date
        >= (told_at at time zone time_zone)::date + case when lead_days = 0 then 0 else lead_days + 1 end)
  ),
  -- Nor before the day that the recipients were told.
  constraint notice_effective_on check (in_force_at is null or (in_force_at at time zone time_zone)::date >= effective_on)
);
create index notice_under_way on messages.notice (organisation_id, id)
  where (state in ('announced', 'in-force') and told_at is null) or (state = 'cancelled' and followed_up_at is null);

alter table messages.notice enable row level security;
alter table messages.notice force row level security;
create policy tenant on messages.notice
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.notice to kept_app;

create table messages.notice_text (
  organisation_id uuid not null,
  notice_id uuid not null,
  part messages.notice_part not null,
  language messages.language not null,
  title text not null,
  body text not null,
  link_label text,
  link_url text,
  primary key (organisation_id, notice_id, part, language),
  foreign key (organisation_id, notice_id) references messages.notice (organisation_id, id) on delete cascade,
  check ((link_label is null) = (link_url is null))
);

alter table messages.notice_text enable row level security;
alter table messages.notice_text force row level security;
create policy tenant on messages.notice_text
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.notice_text to kept_app;

-- A list given with a draft. Personal data: it goes when its recipients are fixed, or thirty days after it was given.
create table messages.notice_listed (
  organisation_id uuid not null,
  notice_id uuid not null,
  reference text collate "C" not null,
  email text,
  language messages.language,
  given_at timestamptz not null,
  primary key (organisation_id, notice_id, reference),
  foreign key (organisation_id, notice_id) references messages.notice (organisation_id, id) on delete cascade
);
create index notice_listed_given_at on messages.notice_listed (organisation_id, given_at);

alter table messages.notice_listed enable row level security;
alter table messages.notice_listed force row level security;
create policy tenant on messages.notice_listed
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.notice_listed to kept_app;

-- Who was to be told: fixed at the announcement. Reference, commitment and what became of the mail stay as evidence;
-- the address goes after a year, by Kept's own policy.
create table messages.notice_recipient (
  organisation_id uuid not null,
  notice_id uuid not null,
  -- The organisation's own name for the recipient, opaque.
  reference text collate "C" not null,
  language messages.language not null,
  has_address boolean not null,
  email text,
  -- Opens the commitment to reference, address, language and texts; goes with the address.
  salt text,
  commitment text not null,
  fixed_at timestamptz not null,
  -- Of the telling; null while it waits.
  batch integer,
  -- Of the mail, which several references with one address share.
  message_id uuid,
  seen_at timestamptz,
  -- Of the cancellation.
  followed_up_at timestamptz,
  follow_up_message_id uuid,
  follow_up_seen_at timestamptz,
  purged_at timestamptz,
  primary key (organisation_id, notice_id, reference),
  foreign key (organisation_id, notice_id) references messages.notice (organisation_id, id),
  check (message_id is null or batch is not null),
  check (purged_at is null or (email is null and salt is null))
);
create index notice_recipient_waiting on messages.notice_recipient (organisation_id, notice_id, reference) where batch is null;
create index notice_recipient_not_followed_up on messages.notice_recipient (organisation_id, notice_id, reference)
  where followed_up_at is null;
create index notice_recipient_reference on messages.notice_recipient (organisation_id, reference, notice_id);
create index notice_recipient_message on messages.notice_recipient (organisation_id, message_id);
create index notice_recipient_unpurged on messages.notice_recipient (organisation_id, fixed_at) where purged_at is null;

alter table messages.notice_recipient enable row level security;
alter table messages.notice_recipient force row level security;
create policy tenant on messages.notice_recipient
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on messages.notice_recipient to kept_app;

alter type ledger.entry_kind add value 'notice.announced';
alter type ledger.entry_kind add value 'notice.told';
alter type ledger.entry_kind add value 'notice.all-told';
alter type ledger.entry_kind add value 'notice.in-force';
alter type ledger.entry_kind add value 'notice.cancelled';
