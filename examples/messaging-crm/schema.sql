-- The product database of Maré, a messaging CRM. It belongs to the product; Kept only ever sees it through data-map.yaml.
-- Foreign keys and indexes are in schema-keys.sql, which is applied after loading.

-- The customers. What the law keeps longer than the contract (invoices, accounting records, the audit log) names its
-- account without a foreign key, since it outlives the row.
create table account (
  id text primary key,
  company_name text not null,
  tax_id text not null,
  plan text not null check (plan in ('starter', 'growth', 'scale')),
  state text not null check (state in ('active', 'canceled', 'closed')),
  owner_email text not null,
  created_at timestamptz not null,
  canceled_at timestamptz,
  check ((state = 'active') = (canceled_at is null))
);

-- People who work at a customer and sign in.
create table operator (
  id bigint primary key,
  account_id text not null,
  name text not null,
  email text not null,
  phone text,
  role text not null check (role in ('owner', 'manager', 'agent')),
  password_hash text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz
);

-- The customers' own customers, uploaded by them or met in a conversation.
create table contact (
  id bigint primary key,
  account_id text not null,
  name text not null,
  phone text,
  email text,
  document text,
  city text,
  created_at timestamptz not null
);

create table conversation (
  id bigint primary key,
  account_id text not null,
  contact_id bigint not null,
  channel text not null check (channel in ('whatsapp', 'marketplace', 'site')),
  opened_at timestamptz not null,
  closed_at timestamptz
);

create table message (
  id bigint primary key,
  conversation_id bigint not null,
  account_id text not null,
  direction text not null check (direction in ('in', 'out')),
  body text not null,
  sent_at timestamptz not null
);

-- The file itself is on the media volume, under this path.
create table attachment (
  id bigint primary key,
  message_id bigint not null,
  path text not null unique,
  content_type text not null,
  bytes integer not null,
  stored_at timestamptz not null
);

-- People who asked Maré itself about the product.
create table lead (
  id bigint primary key,
  name text,
  email text,
  phone text,
  company text,
  source text not null,
  stage text not null,
  created_at timestamptz not null,
  last_contact_at timestamptz not null,
  anonymised_at timestamptz
);

-- Keys that seal tokens, each itself sealed under the master key outside the database.
create table token_key (
  id text primary key,
  wrapped_key text not null,
  created_at timestamptz not null
);

-- Access to the marketplaces on behalf of a seller. `access_token` is `enc:v1:KEY:IV:CIPHERTEXT`, AES-256-GCM.
create table oauth_token (
  id bigint primary key,
  account_id text not null,
  marketplace text not null,
  grant_id text not null unique,
  access_token text not null,
  key_id text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table invoice (
  id bigint primary key,
  account_id text not null,
  number text not null unique,
  customer_name text not null,
  customer_tax_id text not null,
  amount_cents bigint not null,
  issued_at timestamptz not null
);

create table accounting_record (
  id bigint primary key,
  account_id text not null,
  fiscal_year integer not null,
  fiscal_year_closed_on date not null,
  ledger_account text not null,
  description text not null,
  amount_cents bigint not null
);

-- Who did what, by month; a month goes as a whole. Partitions are made by the loader.
create table audit_log (
  id bigint not null,
  recorded_at timestamptz not null,
  account_id text not null,
  operator_id bigint,
  action text not null,
  object text not null,
  ip inet not null,
  primary key (recorded_at, id)
) partition by range (recorded_at);

-- What marketplaces and the messaging network pushed to us.
create table webhook_delivery (
  id bigint primary key,
  account_id text not null,
  source text not null,
  event_type text not null,
  payload jsonb not null,
  received_at timestamptz not null,
  processed_at timestamptz
);

-- What is handed to the metrics provider: one row per page seen, the address already cut to its network.
create table metric_hit (
  id bigint primary key,
  page text not null,
  referrer text,
  ip inet not null,
  seen_at timestamptz not null
);

-- What comes back from it.
create table metric_daily (
  day date not null,
  page text not null,
  source text not null,
  visits integer not null,
  primary key (day, page, source)
);
