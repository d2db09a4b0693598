create schema retention;
grant usage on schema retention to kept_app;

create type retention.fate as enum ('delete', 'anonymise', 'expire');
create type retention.disposal_path as enum ('partition', 'tid-range', 'key-range', 'bulk', 'file');
create type retention.step_kind as enum ('age', 'state', 'follows', 'orphans', 'loose-files', 'end', 'event');
create type retention.plan_state as enum ('draft', 'awaiting-approval', 'approved', 'rejected', 'superseded');
create type retention.run_cause as enum ('schedule', 'person', 'contract-end', 'event', 'hold-released');
create type retention.run_state as enum ('queued', 'running', 'paused', 'waiting', 'stopped', 'finished', 'failed');
create type retention.step_state as enum ('waiting', 'running', 'braked', 'blocked', 'done', 'skipped');
create type retention.batch_state as enum ('open', 'committed', 'aborted', 'unknown');
create type retention.hold_kind as enum ('account', 'subject', 'dataset', 'rows');
create type retention.end_state as enum ('in-grace', 'erasing', 'erased', 'confirmed', 'held', 'reactivated');
create type retention.confirmation_state as enum ('not-due', 'queued', 'sent', 'failed', 'no-address');

-- One row per organisation, which every batch locks in share mode while it opens: whatever raises the version (a hold,
-- a stop) is therefore either seen by a batch or sees that batch in retention.batch and can wait for it.
create table retention.gate (
  organisation_id uuid not null,
  version bigint not null,
  stopped_at timestamptz,
  stopped_by jsonb,
  stop_reason text,
  -- The latest instant that disposal was looked after: a clock that went back, or far ahead, is noticed by it.
  looked_after_at timestamptz,
  accounts_observed_at timestamptz,
  accounts_problem text,
  primary key (organisation_id),
  check ((stopped_at is null) = (stopped_by is null)),
  check ((stopped_at is null) = (stop_reason is null))
);

create table retention.plan (
  organisation_id uuid not null,
  id uuid not null,
  state retention.plan_state not null,
  created_at timestamptz not null,
  -- As of when: in a draft any day somebody asked about.
  planned_for_at timestamptz not null,
  created_by jsonb not null,
  decided_by jsonb,
  decided_at timestamptz,
  decision_reason text,
  policy_hash text not null,
  data_map_hash text not null,
  row_count bigint not null,
  entry_id uuid,
  primary key (organisation_id, id),
  check ((decided_at is null) = (decided_by is null))
);
create index plan_awaiting on retention.plan (organisation_id, id) where state = 'awaiting-approval';

create table retention.plan_step (
  organisation_id uuid not null,
  plan_id uuid not null,
  position integer not null,
  kind retention.step_kind not null,
  promise text not null,
  dataset text not null,
  system text not null,
  fate retention.fate not null,
  path retention.disposal_path,
  reason text not null,
  cutoff_at timestamptz,
  row_count bigint not null,
  held bigint not null,
  excepted bigint not null,
  oldest_at timestamptz,
  share double precision not null,
  seconds double precision not null,
  wal_bytes double precision not null,
  obstacles jsonb not null,
  approved boolean not null,
  brake text,
  rule_hash text not null,
  primary key (organisation_id, plan_id, position),
  foreign key (organisation_id, plan_id) references retention.plan (organisation_id, id) on delete cascade
);

-- A person's word for one rule on one dataset as both stood: when either changes, the hash does.
create table retention.approval (
  organisation_id uuid not null,
  rule_hash text not null,
  promise text not null,
  dataset text not null,
  plan_id uuid not null,
  approved_at timestamptz not null,
  approved_by jsonb not null,
  primary key (organisation_id, rule_hash)
);

create table retention.run (
  organisation_id uuid not null,
  id uuid not null,
  cause retention.run_cause not null,
  state retention.run_state not null,
  reason text,
  -- A person asked for a pause; the batch in flight ends first.
  pause_asked boolean not null,
  -- Nobody had looked after disposal for days, or the clock jumped ahead: every step waits for a person.
  is_cautious boolean not null,
  -- Raised by whoever takes the run over, so that a former owner that still lives cannot open another batch.
  epoch integer not null,
  plan_id uuid,
  account text,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- When a run that waits for a system is tried again.
  retry_at timestamptz,
  started_by jsonb not null,
  entry_id uuid,
  primary key (organisation_id, id),
  check ((finished_at is null) = (state not in ('finished', 'failed')))
);
create index run_unfinished on retention.run (organisation_id, id) where finished_at is null;

create table retention.run_step (
  organisation_id uuid not null,
  run_id uuid not null,
  position integer not null,
  kind retention.step_kind not null,
  promise text not null,
  dataset text not null,
  system text not null,
  fate retention.fate not null,
  path retention.disposal_path,
  state retention.step_state not null,
  reason text,
  rule_hash text not null,
  -- Frozen when the run was made: what it means, and the cutoff in it.
  condition jsonb not null,
  cutoff_at timestamptz,
  expected bigint not null,
  total bigint not null,
  disposed bigint not null,
  disposed_at_most bigint not null,
  held bigint not null,
  refused bigint not null,
  batches integer not null,
  -- Time spent in batches, for rate and time left.
  active_ms double precision not null,
  cursor jsonb,
  pass integer not null,
  batch_size integer,
  -- Rows that a person has let pass the brake, by a release or by approving the plan.
  released_rows bigint,
  bytes_reusable bigint,
  bytes_returned bigint,
  remaining bigint,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (organisation_id, run_id, position),
  foreign key (organisation_id, run_id) references retention.run (organisation_id, id) on delete cascade
);
create index run_step_habit on retention.run_step (organisation_id, promise, dataset, kind, finished_at) where state = 'done';

-- A batch is written here before it begins and again, with its transaction's id, before the store commits it.
create table retention.batch (
  organisation_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  position integer not null,
  number integer not null,
  dataset text not null,
  system text not null,
  epoch integer not null,
  state retention.batch_state not null,
  transaction_id text,
  -- What it will have done if it took effect; set before the store commits.
  disposed bigint,
  disposed_exact boolean,
  refused bigint,
  next_cursor jsonb,
  -- Partitions that went as a whole.
  dropped text[],
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, run_id, position) references retention.run_step (organisation_id, run_id, position) on delete cascade,
  check ((state = 'open') = (closed_at is null))
);
create index batch_open on retention.batch (organisation_id, run_id) where state = 'open';
create index batch_of_run on retention.batch (organisation_id, run_id, position);

create table retention.hold (
  organisation_id uuid not null,
  id uuid not null,
  kind retention.hold_kind not null,
  account text,
  subject text,
  subject_id text,
  dataset text,
  -- Primary keys of the rows held, each a tuple of texts.
  row_keys jsonb,
  reason text not null,
  review_on date not null,
  placed_at timestamptz not null,
  placed_by jsonb not null,
  released_at timestamptz,
  released_by jsonb,
  release_reason text,
  entry_id uuid,
  primary key (organisation_id, id),
  check ((kind = 'account') = (account is not null)),
  check ((kind = 'subject') = (subject is not null and subject_id is not null)),
  check ((kind in ('dataset', 'rows')) = (dataset is not null)),
  check ((kind = 'rows') = (row_keys is not null)),
  check ((released_at is null) = (released_by is null))
);
create index hold_in_force on retention.hold (organisation_id, id) where released_at is null;

create table retention.contract_end (
  organisation_id uuid not null,
  id uuid not null,
  promise text not null,
  account text not null,
  account_id uuid not null,
  state retention.end_state not null,
  cancelled_at timestamptz not null,
  grace_until_at timestamptz not null,
  run_id uuid,
  erased_at timestamptz,
  confirmed_at timestamptz,
  confirmation retention.confirmation_state not null,
  message_id uuid,
  primary key (organisation_id, id)
);
-- One at a time: an account that came back begins another one when it is cancelled again.
create unique index contract_end_current on retention.contract_end (organisation_id, account) where state in ('in-grace', 'erasing', 'held');
create index contract_end_of_account on retention.contract_end (organisation_id, account, id);
create index contract_end_message on retention.contract_end (organisation_id, message_id) where message_id is not null;

create table retention.contract_end_disposed (
  organisation_id uuid not null,
  contract_end_id uuid not null,
  dataset text not null,
  row_count bigint not null,
  primary key (organisation_id, contract_end_id, dataset),
  foreign key (organisation_id, contract_end_id) references retention.contract_end (organisation_id, id) on delete cascade
);

-- What an exception keeps of an account, by when it goes: of what lasts beyond `until_at` there were `row_count` rows.
-- The first row of each dataset stands for all of them; later ones let it be seen that some went too early.
create table retention.contract_end_kept (
  organisation_id uuid not null,
  contract_end_id uuid not null,
  dataset text not null,
  promise text not null,
  until_at timestamptz not null,
  row_count bigint not null,
  primary key (organisation_id, contract_end_id, dataset, promise, until_at),
  foreign key (organisation_id, contract_end_id) references retention.contract_end (organisation_id, id) on delete cascade
);

-- What an event asks to be gone at once. `value` is the opaque id the event names.
create table retention.erasure (
  organisation_id uuid not null,
  id uuid not null,
  event_id uuid not null,
  promise text not null,
  dataset text not null,
  value text not null,
  received_at timestamptz not null,
  run_id uuid,
  done_at timestamptz,
  disposed bigint,
  primary key (organisation_id, id),
  unique (organisation_id, event_id, promise, dataset)
);
create index erasure_pending on retention.erasure (organisation_id, received_at) where done_at is null;
create index erasure_recent on retention.erasure (organisation_id, promise, received_at);

alter table retention.gate enable row level security;
alter table retention.gate force row level security;
create policy tenant on retention.gate
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.gate to kept_app;
alter table retention.plan enable row level security;
alter table retention.plan force row level security;
create policy tenant on retention.plan
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.plan to kept_app;
alter table retention.plan_step enable row level security;
alter table retention.plan_step force row level security;
create policy tenant on retention.plan_step
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.plan_step to kept_app;
alter table retention.approval enable row level security;
alter table retention.approval force row level security;
create policy tenant on retention.approval
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.approval to kept_app;
alter table retention.run enable row level security;
alter table retention.run force row level security;
create policy tenant on retention.run
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.run to kept_app;
alter table retention.run_step enable row level security;
alter table retention.run_step force row level security;
create policy tenant on retention.run_step
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.run_step to kept_app;
alter table retention.batch enable row level security;
alter table retention.batch force row level security;
create policy tenant on retention.batch
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.batch to kept_app;
alter table retention.hold enable row level security;
alter table retention.hold force row level security;
create policy tenant on retention.hold
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.hold to kept_app;
alter table retention.contract_end enable row level security;
alter table retention.contract_end force row level security;
create policy tenant on retention.contract_end
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.contract_end to kept_app;
alter table retention.contract_end_disposed enable row level security;
alter table retention.contract_end_disposed force row level security;
create policy tenant on retention.contract_end_disposed
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.contract_end_disposed to kept_app;
alter table retention.contract_end_kept enable row level security;
alter table retention.contract_end_kept force row level security;
create policy tenant on retention.contract_end_kept
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.contract_end_kept to kept_app;
alter table retention.erasure enable row level security;
alter table retention.erasure force row level security;
create policy tenant on retention.erasure
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on retention.erasure to kept_app;
