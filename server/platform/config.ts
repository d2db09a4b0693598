import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { problems } from './contract.ts';
import { type DkimKey, readDkimKey } from './dkim-key.ts';
import { failuresOf, type InputIssue } from './failure.ts';
import { type KeyReference, readKeyReference, referenceForms } from './kms-reference.ts';
import { readS3Url } from './s3-client.ts';

export const configProblems = problems({
  'configuration-invalid': { status: 500, title: 'The configuration has mistakes' },
});
const fail = failuresOf(configProblems);

const url = (protocols: readonly string[], example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `write it like ${example}`);

const webUrl = (example: string) => url(['http:', 'https:'], example);

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}

function isNetwork(text: string): boolean {
  return isIP(text) !== 0 || z.union([z.cidrv4(), z.cidrv6()]).safeParse(text).success;
}

function isFilesUrl(text: string): boolean {
  if (readS3Url(text) !== undefined) return true;
  return URL.canParse(text) && new URL(text).protocol === 'file:' && new URL(text).host === '';
}

function referenceIn(text: string, context: z.RefinementCtx): KeyReference {
  const reference = readKeyReference(text);
  if (reference !== undefined) return reference;
  // The text may hold a key, so it is not repeated.
  context.addIssue({ code: 'custom', message: referenceForms });
  return z.NEVER;
}

const keyReference = z.string().transform(referenceIn);

/**
 * Every environment variable of the server. The descriptions are the documentation: `npm run generate` writes
 * `docs/configuration.md` from them.
 */
const variables = {
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgresql://kept:secret@db.example/kept')
    .optional()
    .describe(
      'PostgreSQL 15 to 18 that holds the data of Kept itself. Without it Kept runs its own PostgreSQL 18 in the data directory. The login owns the database and may create roles. Through a pooler, use session pooling.',
    ),
  KEPT_HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  KEPT_PORT: z.coerce
    .number('write a number from 0 to 65535')
    .int('write a whole number')
    .min(0, 'write a number from 0 to 65535')
    .max(65_535, 'write a number from 0 to 65535')
    .default(7040)
    .describe('Port to listen on; 0 takes any free one.'),
  KEPT_DATA_DIR: z
    .string()
    .default('.kept')
    .describe('Directory for the embedded database, the local key and the signed checkpoints.'),
  KEPT_PUBLIC_URL: webUrl('https://privacy.example.com')
    .optional()
    .describe(
      'Address under which browsers reach Kept; links in messages begin with it. Default: the address listened on.',
    ),
  KEPT_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log lines to write: fatal, error, warn, info, debug, trace or silent.'),
  KEPT_SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:secret@mail.example:465')
    .optional()
    .describe('Mail server. Without it messages wait and the log says so.'),
  KEPT_MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'write it like Privacy <privacy@example.com>')
    .default('Kept <kept@localhost>')
    .describe('Sender of messages.'),
  KEPT_DKIM_KEY_FILE: z
    .string()
    .optional()
    .describe(
      'File with the RSA key (PEM, 2048 bits or more) that signs mail (DKIM). Without it mail is not signed here; a mail server may sign it on its way.',
    ),
  KEPT_DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, 'write a name like kept2026')
    .optional()
    .describe(
      'Name of that key: the domain of KEPT_MAIL_FROM publishes the public one as a TXT record at `<selector>._domainkey`.',
    ),
  KEPT_SECRETS_FILE: z
    .string()
    .optional()
    .describe(
      'File with the credentials that data maps name, read anew whenever one is needed. JSON: the short name of each organisation holds the credentials of that one, as in `{ "acme": { "crm-database": "postgres://…" } }`; strings beside these, or lines NAME=value instead of JSON, are for the organisation made first only. Default: secrets.json in the data directory.',
    ),
  KEPT_SIGNING_KEY_FILE: z
    .string()
    .optional()
    .describe(
      'File with the key that signs the ledger (made when missing). Default: ledger.key in the data directory.',
    ),
  KEPT_SEALING_KEY_FILE: z
    .string()
    .optional()
    .describe(
      'File with the sealing key: it opens the keys that seal secrets in the database (made on an empty database). Without it every secret in the database is lost, so back it up, apart from the database. Servers that share a database share it. Default: sealing.key in the data directory.',
    ),
  KEPT_SEALING_KEY: keyReference
    .optional()
    .describe(
      'Where the sealing key is, if not in that file: `file:/path`, `base64:` and 32 octets, `aws-kms:` and the ARN of a key, `gcp-kms:projects/…/locations/…/keyRings/…/cryptoKeys/…`, or `vault-transit:https://vault.example:8200/transit/<key>`. See keys.md.',
    ),
  KEPT_SEALING_KEYS_EARLIER: z
    .string()
    .default('')
    .transform((text, context) => {
      const parts = text.split(',').map((part) => part.trim());
      return parts.filter((part) => part !== '').map((part) => referenceIn(part, context));
    })
    .describe(
      'Sealing keys, written alike and separated by commas, that secrets in the database may still open with. Needed from the change of KEPT_SEALING_KEY until `kept keys rotate` has run.',
    ),
  KEPT_VAULT_TOKEN: z.string().optional().describe('Token for the Vault that holds the sealing key.'),
  KEPT_VAULT_TOKEN_FILE: z
    .string()
    .optional()
    .describe('File with that token, read anew for every request: an agent may renew it.'),
  KEPT_VAULT_NAMESPACE: z.string().optional().describe('Namespace in that Vault.'),
  KEPT_FILES_URL: z
    .string()
    .refine(
      isFilesUrl,
      'write an address like s3://key:secret@bucket/prefix?region=eu-central-1 or file:///var/lib/kept/files',
    )
    .optional()
    .describe(
      'Where exports and attachments are kept, always encrypted: a folder (`file:///var/lib/kept/files`) that several servers share, or S3-compatible storage (`s3://key:secret@bucket/prefix?region=eu-central-1&endpoint=https://s3.example.com`; without key and secret what the machine was given is used). Default: the folder `files` in the data directory.',
    ),
  KEPT_LEDGER_MONTHS: z.coerce
    .number('write a whole number of months')
    .int('write a whole number of months')
    .min(1, 'write a number from 1 to 1200')
    .max(1200, 'write a number from 1 to 1200')
    .optional()
    .describe(
      'Audit period: entries of the ledger older than so many months are removed, once a day; everything younger stays provable. Without it nothing is ever removed.',
    ),
  KEPT_CHECKPOINT_FOLDER: z
    .string()
    .optional()
    .describe('Folder outside the database, best on another machine, where every signed checkpoint is written, too.'),
  KEPT_CHECKPOINT_URL: webUrl('https://witness.example/checkpoints')
    .optional()
    .describe('Address outside that every signed checkpoint is also sent to (HTTP POST, as text).'),
  KEPT_PROXIES: z
    .string()
    .default('')
    .transform((text) => listOf(text))
    .refine(
      (networks) => networks.every(isNetwork),
      'write addresses or networks like 10.0.0.0/8,::1, separated by commas',
    )
    .describe(
      'Networks of the reverse proxies in front of Kept, separated by commas. Only what they report in `X-Forwarded-For`, `-Host` and `-Proto` counts; without any these headers are ignored.',
    ),
  KEPT_OUTBOUND_ALLOW: z
    .string()
    .default('')
    .transform((text) => listOf(text))
    .describe(
      'Internal hosts, separated by commas, that Kept may call although their address is private; Kept itself and its database are not called whatever stands here.',
    ),
  KEPT_DNS_SERVERS: z
    .string()
    .default('')
    .transform((text) => listOf(text))
    .refine(
      (servers) =>
        servers.every((server) => isIP(server) !== 0 || /^(\d+\.){3}\d+:\d+$|^\[[0-9a-f:]+\]:\d+$/.test(server)),
      'write addresses like 192.0.2.53 or 192.0.2.53:5353, separated by commas',
    )
    .describe(
      'Name servers, separated by commas, that are asked for public names: where webhooks go, and the record which proves a domain. Default: those of the system.',
    ),
};
const schema = z.object(variables);

/** The server's configuration, parsed once at start. */
export interface Config {
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly publicUrl: string | undefined;
  readonly logLevel: z.infer<typeof schema>['KEPT_LOG_LEVEL'];
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Absent: mail is not signed here. */
  readonly dkim: DkimKey | undefined;
  readonly signingKeyFile: string | undefined;
  /** Absent: `sealing.key` in the data directory. */
  readonly sealingKeyFile: string | undefined;
  /** Absent: that file. */
  readonly sealingKey: KeyReference | undefined;
  /** What may still open, though it no longer wraps. */
  readonly earlierSealingKeys: readonly KeyReference[];
  readonly vault: {
    readonly token: string | undefined;
    /** Absolute path. */
    readonly tokenFile: string | undefined;
    readonly namespace: string | undefined;
  };
  /** `s3:` or `file:`, see storage.ts. Holds a secret. Absent: `files` in the data directory. */
  readonly filesUrl: string | undefined;
  /** Audit period of the ledger in months; absent: entries stay for ever. */
  readonly ledgerMonths: number | undefined;
  readonly checkpointFolder: string | undefined;
  readonly checkpointUrl: string | undefined;
  /** Addresses and networks of declared reverse proxies. */
  readonly proxies: readonly string[];
  /** Lower-case host names. */
  readonly outboundAllow: readonly string[];
  /** Empty: those of the system. */
  readonly nameServers: readonly string[];
  /**
   * A credential that the data map of an organisation names, e.g. `crm-database`; undefined when nobody set it. What
   * stands under its slug in the secrets file is its own; all that stands under no slug is for the first one only.
   */
  secret(name: string, organisation: { readonly slug: string; readonly first: boolean }): string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration. Empty variables count as absent.
 * @throws one Failure `configuration-invalid` whose issues name every mistaken variable and its remedy
 */
export function readConfig(environment: Environment = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const issues: InputIssue[] = (parsed.error?.issues ?? []).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  issues.push(...misspelt(Object.keys(given)));
  if (given['KEPT_SEALING_KEY'] !== undefined && given['KEPT_SEALING_KEY_FILE'] !== undefined)
    issues.push({ path: 'KEPT_SEALING_KEY_FILE', message: 'leave it out where KEPT_SEALING_KEY is set' });
  const dataDirectory = resolve(given['KEPT_DATA_DIR'] ?? '.kept');
  const secret = secretsOf(given, dataDirectory, issues);
  const dkim = dkimOf(given, issues);
  if (!parsed.success || issues.length > 0) {
    const list = issues.map((issue) => `  ${issue.path}: ${issue.message}`).join('\n');
    throw fail('configuration-invalid', `Correct these environment variables and start again:\n${list}`, { issues });
  }
  const values = parsed.data;
  return {
    databaseUrl: values.DATABASE_URL,
    host: values.KEPT_HOST,
    port: values.KEPT_PORT,
    dataDirectory,
    publicUrl: values.KEPT_PUBLIC_URL?.replace(/\/+$/, ''),
    logLevel: values.KEPT_LOG_LEVEL,
    smtpUrl: values.KEPT_SMTP_URL,
    mailFrom: values.KEPT_MAIL_FROM,
    dkim,
    signingKeyFile: values.KEPT_SIGNING_KEY_FILE === undefined ? undefined : resolve(values.KEPT_SIGNING_KEY_FILE),
    sealingKeyFile: values.KEPT_SEALING_KEY_FILE === undefined ? undefined : resolve(values.KEPT_SEALING_KEY_FILE),
    filesUrl: values.KEPT_FILES_URL,
    sealingKey: values.KEPT_SEALING_KEY,
    earlierSealingKeys: values.KEPT_SEALING_KEYS_EARLIER,
    vault: {
      token: values.KEPT_VAULT_TOKEN,
      tokenFile: values.KEPT_VAULT_TOKEN_FILE === undefined ? undefined : resolve(values.KEPT_VAULT_TOKEN_FILE),
      namespace: values.KEPT_VAULT_NAMESPACE,
    },
    ledgerMonths: values.KEPT_LEDGER_MONTHS,
    checkpointFolder: values.KEPT_CHECKPOINT_FOLDER === undefined ? undefined : resolve(values.KEPT_CHECKPOINT_FOLDER),
    checkpointUrl: values.KEPT_CHECKPOINT_URL,
    proxies: values.KEPT_PROXIES,
    outboundAllow: values.KEPT_OUTBOUND_ALLOW,
    nameServers: values.KEPT_DNS_SERVERS,
    secret,
  };
}

/** The superuser's address of the cluster that `npm test` started; a test file run by itself has none. */
export function testAdminUrl(): string | undefined {
  return process.env['KEPT_TEST_ADMIN_URL'];
}

/** The documentation of all variables, in Markdown. */
export function configurationGuide(): string {
  const rows = Object.entries(variables).map(([name, variable]) => {
    const fallback = variable.safeParse(undefined);
    const shown = fallback.success && typeof fallback.data !== 'object' ? fallback.data : undefined;
    return `| \`${name}\` | ${shown === undefined ? '' : `\`${shown}\``} | ${variable.description ?? ''} |`;
  });
  rows.push(
    '| `KEPT_SECRET_NAME` | | A credential that the data map of the organisation made first names: `crm-database` is `KEPT_SECRET_CRM_DATABASE`. It wins over the strings of the secrets file, but not over what stands there under the short name of the organisation. |',
  );
  return `# Configuration

The server reads these environment variables once, when it starts, and reports all mistakes together.
This page is generated from \`server/platform/config.ts\`.

| Variable | Default | Meaning |
|---|---|---|
${rows.join('\n')}
`;
}

/** Signs mail, where it is configured. */
function dkimOf(given: Environment, issues: InputIssue[]): DkimKey | undefined {
  const read = readDkimKey({
    file: given['KEPT_DKIM_KEY_FILE'],
    selector: given['KEPT_DKIM_SELECTOR'],
    mailFrom: given['KEPT_MAIL_FROM'] ?? '',
  });
  if (read === undefined || 'privateKey' in read) return read;
  issues.push(read);
  return undefined;
}

const SECRET_PREFIX = 'KEPT_SECRET_';

function secretKey(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** Names that are nearly one of ours: a misspelt variable would otherwise be ignored in silence. */
function misspelt(names: readonly string[]): InputIssue[] {
  const known = Object.keys(variables);
  const strange = names.filter((name) => name.startsWith('KEPT_') && !name.startsWith(SECRET_PREFIX));
  return strange
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = known.find((candidate) => distance(candidate, name) <= 2);
      return near === undefined ? [] : [{ path: name, message: `there is no such variable; ${near} is meant?` }];
    });
}

const credentialsSchema = z.record(z.string(), z.string());
const secretsSchema = z.record(z.string(), z.union([z.string(), credentialsSchema]));

interface Secrets {
  /** By key: they have one form in the file and in the environment. */
  readonly unscoped: ReadonlyMap<string, string>;
  /** By slug and name, both exactly as written, so that no two organisations can mean the same one. */
  readonly scoped: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Finds credentials: the organisation's own in the file; for the first one in the environment, too, else beside these
 * in the file. The file is read anew each time, so that a credential that was rotated or added needs no restart.
 */
function secretsOf(given: Environment, dataDirectory: string, issues: InputIssue[]): Config['secret'] {
  const named = given['KEPT_SECRETS_FILE'];
  const file = named ?? join(dataDirectory, 'secrets.json');
  if (named !== undefined) {
    const content = readSecrets(named);
    if (typeof content === 'string') issues.push({ path: 'KEPT_SECRETS_FILE', message: content });
  }
  const read = (): Secrets => {
    if (named === undefined && !existsSync(file)) return { unscoped: new Map(), scoped: new Map() };
    const content = readSecrets(file);
    if (typeof content === 'string') throw fail('configuration-invalid', content);
    return content;
  };
  return (name, { slug, first }) => {
    const { unscoped, scoped } = read();
    const own = scoped.get(slug)?.get(name);
    if (own !== undefined || !first) return own;
    const key = secretKey(name);
    return given[SECRET_PREFIX + key] ?? unscoped.get(key);
  };
}

/** The file's credentials, or why it cannot be read. */
function readSecrets(file: string): Secrets | string {
  try {
    const text = readFileSync(file, 'utf8');
    const content = secretsSchema.parse(text.trimStart().startsWith('{') ? JSON.parse(text) : parseEnv(text));
    const unscoped = new Map<string, string>();
    const scoped = new Map<string, ReadonlyMap<string, string>>();
    for (const [name, value] of Object.entries(content)) {
      const key = secretKey(name);
      if (typeof value === 'object') scoped.set(name, new Map(Object.entries(value)));
      else unscoped.set(key.startsWith(SECRET_PREFIX) ? key.slice(SECRET_PREFIX.length) : key, value);
    }
    return { unscoped, scoped };
  } catch (error) {
    // The parser's words may quote the file, and so a secret: only what is safe to say.
    const missing = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return `${file} cannot be read${missing}; write a JSON object with the credentials of each organisation under its short name, or lines NAME=value`;
  }
}
