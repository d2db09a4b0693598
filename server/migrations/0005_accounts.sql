create schema accounts;
grant usage on schema accounts to kept_app;

create type accounts.account_state as enum ('active', 'cancelled', 'ended');

create table accounts.account (
  organisation_id uuid not null,
  -- The organisation's own key; `id` stands for it in the ledger, which must not know a key that names somebody.
  account text not null,
  id uuid not null,
  state accounts.account_state not null,
  cancelled_at timestamptz,
  ended_at timestamptz,
  -- Only to confirm the end of the contract to; forgotten when that is done.
  owner_email text,
  owner_forgotten_at timestamptz,
  -- What the organisation's own database said last: only a change of it is news.
  observed_state accounts.account_state,
  observed_cancelled_at timestamptz,
  observed_at timestamptz,
  -- When the newest event about it that counted was received: an older one that is handled later does not count.
  last_event_at timestamptz,
  primary key (organisation_id, account),
  unique (organisation_id, id),
  check ((state = 'active') = (cancelled_at is null)),
  check ((state = 'ended') = (ended_at is not null))
);
create index account_state on accounts.account (organisation_id, state, account);

alter table accounts.account enable row level security;
alter table accounts.account force row level security;
create policy tenant on accounts.account
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on accounts.account to kept_app;
