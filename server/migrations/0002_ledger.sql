create schema ledger;
grant usage on schema ledger to kept_app, kept_sequencer, kept_pruner;

-- The closed vocabulary of `ledger/contract.ts`.
create type ledger.entry_kind as enum (
  'access.owner-linked',
  'access.signed-in',
  'accounts.cancelled',
  'accounts.reactivated',
  'policy.published',
  'promise.measured',
  'datamap.published',
  'disposal.planned',
  'disposal.approved',
  'disposal.rejected',
  'disposal.started',
  'disposal.batch',
  'disposal.finished',
  'disposal.braked',
  'disposal.released',
  'disposal.paused',
  'disposal.resumed',
  'disposal.stopped',
  'disposal.restarted',
  'hold.placed',
  'hold.released',
  'contract.ended',
  'contract.end-confirmed',
  'erasure.received',
  'erasure.done',
  'event.received',
  'message.sent',
  'message.failed',
  'ledger.pruned',
  'ledger.reopened'
);
create type ledger.reopen_reason as enum ('restored-backup', 'lost-key', 'replaced-key');

-- Global: public keys that ever signed a log, so that a lost key file is noticed and never silently replaced.
create table ledger.signing_key (
  public_key bytea primary key check (octet_length(public_key) = 32),
  first_used_at timestamptz not null
);
grant select, insert on ledger.signing_key to kept_app;

-- The logs of an organisation, one after the other: number 2 begins where number 1 can no longer be signed.
create table ledger.log (
  organisation_id uuid not null,
  number integer not null check (number > 0),
  origin text not null,
  public_key bytea not null check (octet_length(public_key) = 32),
  size bigint not null check (size >= 0),
  minimum_index bigint not null check (minimum_index between 0 and size),
  opened_at timestamptz not null,
  reason ledger.reopen_reason,
  primary key (organisation_id, number),
  unique (organisation_id, origin)
);

-- Entries as their transactions left them. Transactions commit out of order, so there is no cursor into this table
-- that could step over one: whatever is visible here has no place in the tree yet.
create table ledger.pending (
  organisation_id uuid not null,
  entry_id uuid not null,
  kind ledger.entry_kind not null,
  recorded_at timestamptz not null,
  leaf text not null check (octet_length(leaf) <= 65535),
  primary key (organisation_id, entry_id)
);

-- Entries with their place. No foreign key to the log: the sequencer holds the log's row while it writes here, and a
-- check for each of thousands of rows would cost more than the insert.
create table ledger.entry (
  organisation_id uuid not null,
  log_number integer not null,
  position bigint not null check (position >= 0),
  entry_id uuid not null,
  kind ledger.entry_kind not null,
  recorded_at timestamptz not null,
  leaf text not null,
  primary key (organisation_id, log_number, position),
  unique (organisation_id, entry_id)
);
create index entry_by_kind on ledger.entry (organisation_id, kind, entry_id);

-- C2SP tlog-tiles; a tile only ever grows at its end, so one row serves every earlier width.
create table ledger.tile (
  organisation_id uuid not null,
  log_number integer not null,
  level smallint not null check (level between 0 and 63),
  tile_index bigint not null check (tile_index >= 0),
  hashes bytea not null check (octet_length(hashes) % 32 = 0 and octet_length(hashes) between 32 and 8192),
  primary key (organisation_id, log_number, level, tile_index),
  foreign key (organisation_id, log_number) references ledger.log (organisation_id, number)
);
-- Hashes do not compress: do not try.
alter table ledger.tile alter column hashes set storage external;

-- Tree heads that were signed, each also outside the database before it stands here.
create table ledger.checkpoint (
  organisation_id uuid not null,
  log_number integer not null,
  size bigint not null check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null,
  -- Whether the operator's endpoint is still to take it, and when it did.
  awaits_delivery boolean not null,
  delivered_at timestamptz,
  primary key (organisation_id, log_number, size),
  foreign key (organisation_id, log_number) references ledger.log (organisation_id, number),
  check (not (awaits_delivery and delivered_at is not null))
);
create index checkpoint_awaiting on ledger.checkpoint (organisation_id, log_number, size) where awaits_delivery;

alter table ledger.log enable row level security;
alter table ledger.log force row level security;
create policy tenant on ledger.log
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
alter table ledger.pending enable row level security;
alter table ledger.pending force row level security;
create policy tenant on ledger.pending
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
alter table ledger.entry enable row level security;
alter table ledger.entry force row level security;
create policy tenant on ledger.entry
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
alter table ledger.tile enable row level security;
alter table ledger.tile force row level security;
create policy tenant on ledger.tile
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
alter table ledger.checkpoint enable row level security;
alter table ledger.checkpoint force row level security;
create policy tenant on ledger.checkpoint
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);

-- The application records and reads; only the sequencer gives places; only the pruner takes entries away.
grant select, insert on ledger.pending to kept_app;
grant select on ledger.log, ledger.entry, ledger.tile, ledger.checkpoint to kept_app;

grant select, insert, delete on ledger.pending to kept_sequencer;
grant select, insert on ledger.log, ledger.entry to kept_sequencer;
grant update (size) on ledger.log to kept_sequencer;
grant select, insert, update (hashes) on ledger.tile to kept_sequencer;
grant select, insert, update (awaits_delivery, delivered_at) on ledger.checkpoint to kept_sequencer;

grant select, update (minimum_index) on ledger.log to kept_pruner;
grant select, delete on ledger.entry, ledger.tile, ledger.checkpoint to kept_pruner;
