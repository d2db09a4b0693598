-- People sign in with accounts of their own: the owner of one machine and his links give way to them.
drop table access.owner_link;
drop table access.owner;
drop table access.session;

create type access.role as enum ('owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor');
create type access.language as enum ('pt-BR', 'en', 'es');

-- What an organisation demands of those who sign in to it.
alter table access.organisation
  add column demands_second_factor boolean not null default false,
  add column demands_single_sign_on boolean not null default false,
  -- Who may still sign in with a password then.
  add column break_glass_person_id uuid,
  add column console_allowlist cidr[] not null default '{}',
  add column key_allowlist cidr[] not null default '{}',
  add column idle_minutes int not null default 60 check (idle_minutes between 5 and 10080),
  add column session_hours int not null default 12 check (session_hours between 1 and 720),
  add column default_language access.language not null default 'en';

-- Global: the organisation that is this server itself, whose policy says what Kept does with the data it holds.
create table access.own_organisation (
  single boolean primary key default true check (single),
  organisation_id uuid not null references access.organisation (id)
);
grant select, insert on access.own_organisation to kept_app;

-- Global: people, who may belong to several organisations.
create table access.person (
  id uuid primary key,
  name text not null,
  -- As it was written; what it is found by stands beside it.
  email text not null,
  email_key text not null unique,
  email_verified_at timestamptz,
  -- argon2id as PHC string, or the bcrypt hash of an imported list until the next sign-in; null without a password.
  password_hash text,
  password_changed_at timestamptz,
  language access.language not null,
  created_at timestamptz not null,
  check (email_key = lower(email_key))
);
grant select, insert, update, delete on access.person to kept_app;

-- Global: who belongs where. Asked before an organisation is known; within one, the policy shows only its own.
create table access.membership (
  organisation_id uuid not null references access.organisation (id),
  person_id uuid not null references access.person (id),
  role access.role not null,
  -- The identity provider it came from, null for an invitation or the first owner.
  provider_id uuid,
  created_at timestamptz not null,
  primary key (organisation_id, person_id)
);
create index membership_person on access.membership (person_id);
alter table access.membership enable row level security;
alter table access.membership force row level security;
create policy within on access.membership
  using (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.membership to kept_app;

-- Global: second factors. The secret of a TOTP is sealed with a key that is not in the database.
create table access.totp (
  person_id uuid primary key references access.person (id),
  -- The one in use; null while no code of any was shown yet.
  sealed_secret bytea,
  confirmed_at timestamptz,
  -- One that waits for its first code. The one in use stays until then.
  sealed_pending bytea,
  -- Time step of the last code that was taken: none works twice.
  last_step bigint not null default 0,
  created_at timestamptz not null,
  check ((confirmed_at is null) = (sealed_secret is null))
);
grant select, insert, update, delete on access.totp to kept_app;

create table access.recovery_code (
  person_id uuid not null references access.person (id),
  code_hash bytea not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);
grant select, insert, update, delete on access.recovery_code to kept_app;

create table access.passkey (
  credential_id bytea primary key,
  person_id uuid not null references access.person (id),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  backed_up boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_person on access.passkey (person_id);
grant select, insert, update, delete on access.passkey to kept_app;

-- Global, since a request carries only its cookie.
create table access.session (
  token_hash bytea primary key,
  -- Of the token it had before. It opens nothing; a request that was on its way with it is told apart from a stray one.
  earlier_token_hash bytea unique,
  -- How lists and entries name it.
  id uuid not null unique,
  person_id uuid not null references access.person (id),
  -- The one being looked at; null until one is chosen.
  organisation_id uuid references access.organisation (id),
  -- The ways the person has shown who they are: password, totp, passkey, recovery-code, provider, link.
  methods text[] not null,
  -- The identity provider it came through.
  provider_id uuid,
  -- When a second factor was last shown; null while none was.
  confirmed_at timestamptz,
  -- When the password was last shown; for what is about oneself it stands in for the second factor of who has none.
  password_shown_at timestamptz,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  -- The earlier of the two limits, moved on with each use.
  idle_at timestamptz not null,
  expires_at timestamptz not null,
  -- Personal data: gone with the session.
  address inet,
  device text not null,
  country text
);
create index session_expires_at on access.session (expires_at);
create index session_person on access.session (person_id);
grant select, insert, update, delete on access.session to kept_app;

-- Global: what is mailed or printed once. The token itself is never stored.
create type access.token_kind as enum ('setup', 'link', 'email-verification', 'password-reset', 'invitation');
create table access.one_time_token (
  token_hash bytea primary key,
  kind access.token_kind not null,
  organisation_id uuid references access.organisation (id),
  person_id uuid references access.person (id),
  -- What it is about besides: the invitation.
  subject_id uuid,
  -- The address that opening it verifies.
  email text,
  -- What was already shown when it was made: a link may come with a second factor.
  methods text[] not null default '{}',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index one_time_token_expires_at on access.one_time_token (expires_at);
create index one_time_token_person on access.one_time_token (person_id);
grant select, insert, update, delete on access.one_time_token to kept_app;

-- Global: what a dialogue with a browser or an identity provider has to remember for minutes (challenge, state, nonce).
create type access.handshake_kind as enum ('passkey-registration', 'passkey-sign-in', 'passkey-confirmation', 'oidc', 'saml');
create table access.handshake (
  id_hash bytea primary key,
  kind access.handshake_kind not null,
  person_id uuid references access.person (id),
  provider_id uuid,
  state jsonb not null,
  expires_at timestamptz not null
);
create index handshake_expires_at on access.handshake (expires_at);
grant select, insert, update, delete on access.handshake to kept_app;

-- Global: how near a caller is to a limit (generic cell rate algorithm). Buckets are keyed hashes: no address is stored.
create table access.rate_limit (
  bucket bytea primary key,
  -- Theoretical arrival time; in the past the bucket is as good as not there.
  arrival_at timestamptz not null
);
create index rate_limit_arrival_at on access.rate_limit (arrival_at);
grant select, insert, update, delete on access.rate_limit to kept_app;

create table access.invitation (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  email text not null,
  role access.role not null,
  -- The nil UUID for the operator of the server.
  invited_by uuid not null,
  -- The mail that was sent last.
  message_id uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (organisation_id, id)
);
alter table access.invitation enable row level security;
alter table access.invitation force row level security;
create policy tenant on access.invitation
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.invitation to kept_app;

-- Global, since a request carries only its key: hash of the key → organisation.
create type access.key_kind as enum ('api', 'site', 'ingest');
create table access.key (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  kind access.key_kind not null,
  name text not null,
  key_hash bytea not null unique,
  last_four text not null,
  -- Permissions of an api key; a site or ingest key has those of its kind.
  scopes text[] not null,
  -- Sites that may use a site key.
  origins text[] not null,
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (organisation_id, id)
);
alter table access.key enable row level security;
alter table access.key force row level security;
create policy within on access.key
  using (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.key to kept_app;

-- Global, since it is asked for before an organisation is known: by a domain, or by the address of a sign-in.
create type access.provider_kind as enum ('oidc', 'saml', 'google');
create table access.provider (
  organisation_id uuid not null references access.organisation (id),
  id uuid not null,
  kind access.provider_kind not null,
  name text not null,
  -- Issuer, client and the like, or the metadata of a SAML identity provider; secrets apart.
  settings jsonb not null,
  sealed_secret bytea,
  default_role access.role not null,
  -- Whether people of a verified domain become members when they first sign in.
  admits boolean not null default false,
  enabled boolean not null default false,
  created_at timestamptz not null,
  tested_at timestamptz,
  primary key (organisation_id, id),
  check (default_role in ('engineer', 'agent', 'auditor'))
);
alter table access.provider enable row level security;
alter table access.provider force row level security;
create policy within on access.provider
  using (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.provider to kept_app;

create table access.domain (
  organisation_id uuid not null references access.organisation (id),
  domain text not null check (domain = lower(domain)),
  -- What the owner of the domain publishes as a TXT record.
  challenge text not null,
  provider_id uuid,
  created_at timestamptz not null,
  verified_at timestamptz,
  primary key (organisation_id, domain)
);
create unique index domain_verified on access.domain (domain) where verified_at is not null;
alter table access.domain enable row level security;
alter table access.domain force row level security;
create policy within on access.domain
  using (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (coalesce(current_setting('app.organisation_id', true), '') = ''
    or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert, update, delete on access.domain to kept_app;

-- Global: who a person is to an identity provider.
create table access.external_identity (
  provider_id uuid not null,
  subject text not null,
  person_id uuid not null references access.person (id),
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  primary key (provider_id, subject)
);
create index external_identity_person on access.external_identity (person_id);
grant select, insert, update, delete on access.external_identity to kept_app;

-- Global: assertions that were taken; none is taken twice.
create table access.used_assertion (
  provider_id uuid not null,
  assertion_id text not null,
  expires_at timestamptz not null,
  primary key (provider_id, assertion_id)
);
create index used_assertion_expires_at on access.used_assertion (expires_at);
grant select, insert, delete on access.used_assertion to kept_app;

-- Beside each entry that somebody caused: from where. Personal data, to be purged while the entry stays provable.
create table access.audit_detail (
  organisation_id uuid not null references access.organisation (id),
  entry_id uuid not null,
  kind text not null,
  at timestamptz not null,
  person_id uuid,
  key_id text,
  session_id uuid,
  address inet,
  device text not null,
  country text,
  -- `GET /v1/…` as the contract writes it, never with what stood in the place of its parameters.
  route text not null,
  salt text not null,
  primary key (organisation_id, entry_id)
);
create index audit_detail_at on access.audit_detail (organisation_id, at);
create index audit_detail_person on access.audit_detail (organisation_id, person_id, at);
alter table access.audit_detail enable row level security;
alter table access.audit_detail force row level security;
create policy tenant on access.audit_detail
  using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
  with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid);
grant select, insert on access.audit_detail to kept_app;

-- Text and page of a message that holds what opens something, such as a link for a new password, are sealed.
alter table messages.message add column sealed boolean not null default false;

-- What access records from now on; the words are in ledger/kinds-contract.ts.
alter type ledger.entry_kind add value 'access.signed-out';
alter type ledger.entry_kind add value 'access.sign-in-refused';
alter type ledger.entry_kind add value 'access.sessions-ended';
alter type ledger.entry_kind add value 'access.link-made';
alter type ledger.entry_kind add value 'access.set-up';
alter type ledger.entry_kind add value 'access.owner-made';
alter type ledger.entry_kind add value 'access.joined';
alter type ledger.entry_kind add value 'access.role-changed';
alter type ledger.entry_kind add value 'access.member-removed';
alter type ledger.entry_kind add value 'access.invited';
alter type ledger.entry_kind add value 'access.invitation-revoked';
alter type ledger.entry_kind add value 'access.key-created';
alter type ledger.entry_kind add value 'access.key-revoked';
alter type ledger.entry_kind add value 'access.settings-changed';
alter type ledger.entry_kind add value 'access.provider-changed';
alter type ledger.entry_kind add value 'access.domain-changed';
alter type ledger.entry_kind add value 'access.factor-changed';
alter type ledger.entry_kind add value 'access.password-changed';
alter type ledger.entry_kind add value 'access.email-changed';
alter type ledger.entry_kind add value 'access.refused';
alter type ledger.entry_kind add value 'access.viewed';
alter type ledger.entry_kind add value 'access.exported';
alter type ledger.entry_kind add value 'access.account-changed';
alter type ledger.entry_kind add value 'access.account-deleted';
