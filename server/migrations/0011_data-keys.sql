-- The schema is there: the migrations keep their own book in it.
grant usage on schema platform to kept_app;

-- `seal`: seals values. `derive`: keys are derived from it, so there is one, which never changes.
create type platform.data_key_use as enum ('seal', 'derive');

-- Global: the keys that secrets in this database are sealed with, each wrapped by a key that is not in it.
create table platform.data_key (
  id uuid primary key,
  use platform.data_key_use not null,
  wrapped bytea not null,
  -- Which key-encryption key wrapped it, and which version where its keeper tells.
  wrapped_by text not null,
  wrapped_version text,
  wrapped_at timestamptz not null,
  created_at timestamptz not null
);
create unique index data_key_derive on platform.data_key (use) where use = 'derive';
grant select, insert, update on platform.data_key to kept_app;

alter type ledger.entry_kind add value 'access.sealing-keys-rotated';
