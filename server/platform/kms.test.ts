import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readConfig } from './config.ts';
import { Failure } from './failure.ts';
import { type Keyring, openKeyring } from './keyring.ts';
import { describeDataKeys, rotateDataKeys } from './rotate-data-keys.ts';
import { openTestPlatform } from './test-database.ts';
import { serveAwsKms, serveGoogleKms, serveVault, type TestKms } from './test-kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-kms-'));
const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true });
});

const aws = {
  arn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  region: 'eu-central-1',
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const googleKey = 'projects/test/locations/europe-west3/keyRings/kept/cryptoKeys/sealing';
const vault = { token: 'hvs.test-token', namespace: 'team/kept' };

// What the SDKs read for themselves: they find credentials as they do in production.
process.env['AWS_ACCESS_KEY_ID'] = aws.accessKey;
process.env['AWS_SECRET_ACCESS_KEY'] = aws.secretKey;
const credentials = join(folder, 'google.json');
process.env['GOOGLE_APPLICATION_CREDENTIALS'] = credentials;

interface Service {
  readonly name: string;
  readonly kms: TestKms;
  /** Variables that name its key. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same with credentials that it does not accept. */
  readonly strange: Readonly<Record<string, string>>;
  /** What it says of the version that wraps. */
  readonly versions: readonly [first: string | null, second: string | null];
}

async function startServices(): Promise<Service[]> {
  const [awsKms, googleKms, vaultKms] = await Promise.all([
    serveAwsKms(aws),
    serveGoogleKms(googleKey),
    serveVault(vault),
  ]);
  ends.push(awsKms.close, googleKms.close, vaultKms.close);
  writeFileSync(credentials, googleKms.credentials);
  const tokenFile = join(folder, 'vault-token');
  writeFileSync(tokenFile, `${vault.token}\n`);
  const awsKey = `aws-kms:${aws.arn}?endpoint=${awsKms.address}`;
  const google = `gcp-kms:${googleKey}?endpoint=${googleKms.address}`;
  const atVault = {
    KEPT_SEALING_KEY: `vault-transit:${vaultKms.address}/transit/kept`,
    KEPT_VAULT_NAMESPACE: vault.namespace,
  };
  return [
    {
      name: 'AWS KMS',
      kms: awsKms,
      environment: { KEPT_SEALING_KEY: awsKey },
      strange: { KEPT_SEALING_KEY: awsKey.replace(/1234abcd/, '9999abcd') },
      versions: [null, null],
    },
    {
      name: 'Google Cloud KMS',
      kms: googleKms,
      environment: { KEPT_SEALING_KEY: google },
      strange: { KEPT_SEALING_KEY: google.replace('cryptoKeys/sealing', 'cryptoKeys/other') },
      versions: ['1', '2'],
    },
    {
      name: 'Vault Transit',
      kms: vaultKms,
      environment: { ...atVault, KEPT_VAULT_TOKEN_FILE: tokenFile },
      strange: { ...atVault, KEPT_VAULT_TOKEN: 'hvs.other' },
      versions: ['1', '2'],
    },
  ];
}

async function ringOf(environment: Readonly<Record<string, string>>): Promise<Keyring> {
  const ring = await openKeyring(readConfig({ KEPT_DATA_DIR: folder, ...environment }), { make: false });
  ends.push(async () => ring.close());
  return ring;
}

const failsAs = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
const dataKey = Buffer.alloc(40, 5);

for (const service of await startServices()) {
  describe(service.name, () => {
    const { kms, environment } = service;

    test('wraps a key, and unwraps it for the same purpose only', async () => {
      const { current } = await ringOf(environment);
      const { wrapped, version } = await current.wrap(dataKey, 'one');
      assert.equal(version, service.versions[0]);
      assert.ok(!wrapped.includes(dataKey));
      assert.deepEqual(await current.unwrap(wrapped, 'one'), dataKey);
      await assert.rejects(current.unwrap(wrapped, 'other'), failsAs('sealing-key-unusable'));
      const changed = Buffer.from(wrapped);
      changed[changed.length - 4] = (changed.at(-4) ?? 0) ^ 1;
      await assert.rejects(current.unwrap(changed, 'one'), failsAs('sealing-key-unusable'));
      assert.equal(kms.asked.length, 4, 'every request was of somebody it knows');
    });

    test('says no for good where it does not know who asks, or which key is meant', async () => {
      const { current } = await ringOf(service.strange);
      await assert.rejects(current.wrap(dataKey, 'one'), failsAs('sealing-key-unusable'));
    });

    test('is asked again when it stumbles, and is said to be away when it stays so', async () => {
      const { current } = await ringOf(environment);
      kms.failNext(503, 1);
      assert.ok((await current.wrap(dataKey, 'one')).wrapped.length > 0);
      kms.failNext(503, 100);
      await assert.rejects(current.wrap(dataKey, 'one'), failsAs('sealing-key-unavailable'));
      kms.failNext(503, 0);
      const nowhere = Object.entries(environment).map(([name, value]) => [
        name,
        value.replace(/127.0.0.1:\d+/, '127.0.0.1:9'),
      ]);
      const gone = await ringOf(Object.fromEntries(nowhere));
      await assert.rejects(gone.current.wrap(dataKey, 'one'), failsAs('sealing-key-unavailable'));
    });

    test('keeps the secrets of a server: asked at the start only, and rotated without a restart', async () => {
      const opened = await openTestPlatform({ environment: { ...environment } });
      ends.push(opened.close);
      const { platform } = opened;
      const sealed = platform.seal.close('sécret', 'totp', 'row');
      const asked = kms.asked.length;
      assert.equal(platform.seal.open(sealed, 'totp', 'row'), 'sécret');
      assert.equal(kms.asked.length, asked, 'sealing asks nobody');
      assert.equal((await opened.openAnother()).seal.open(sealed, 'totp', 'row'), 'sécret');
      kms.rotate();
      const { dataKeys } = await rotateDataKeys(platform, { isPrepared: false }, (write) =>
        platform.db.globalTransaction(write),
      );
      assert.equal(dataKeys, 2);
      kms.forgetEarlier();
      const stored = (await describeDataKeys(platform)).dataKeys;
      assert.deepEqual(new Set(stored.map((key) => key.wrappedVersion)), new Set([service.versions[1]]));
      assert.equal(stored.length, 3);
      assert.equal((await opened.openAnother()).seal.open(sealed, 'totp', 'row'), 'sécret', 'after a restart');
    });

    test('a server does not start while its keeper is away, and says so', async () => {
      const opened = await openTestPlatform({ environment: { ...environment } });
      ends.push(opened.close);
      kms.failNext(503, 100);
      await assert.rejects(opened.openAnother(), failsAs('sealing-key-unavailable'));
      kms.failNext(503, 0);
      await opened.openAnother();
    });
  });
}

test('AWS KMS refuses a signature with another secret', async () => {
  const kms = await serveAwsKms({ ...aws, secretKey: 'another' });
  ends.push(kms.close);
  const { current } = await ringOf({ KEPT_SEALING_KEY: `aws-kms:${aws.arn}?endpoint=${kms.address}` });
  await assert.rejects(current.wrap(dataKey, 'one'), failsAs('sealing-key-unusable'));
});

test('a token that an agent writes anew is read anew', async () => {
  const kms = await serveVault({ ...vault, namespace: undefined });
  ends.push(kms.close);
  const file = join(folder, 'renewed-token');
  writeFileSync(file, 'hvs.expired');
  const { current } = await ringOf({
    KEPT_SEALING_KEY: `vault-transit:${kms.address}/transit/kept`,
    KEPT_VAULT_TOKEN_FILE: file,
  });
  await assert.rejects(current.wrap(dataKey, 'one'), /403.*permission denied/);
  writeFileSync(file, `${vault.token}\n`);
  assert.ok((await current.wrap(dataKey, 'one')).wrapped.length > 0);
});

test('what names no key, or sends one over an open network, is refused at the start without repeating it', () => {
  const secret = Buffer.alloc(31, 1).toString('base64');
  for (const text of [
    'sealing.key',
    'file:',
    `base64:${secret}`,
    'base64:',
    'aws-kms:alias/kept',
    `aws-kms:${aws.arn}?endpoint=http://kms.example.com`,
    `aws-kms:${aws.arn}?region=eu-west-1`,
    'gcp-kms:projects/p/locations/l/keyRings/r',
    `gcp-kms:${googleKey}/cryptoKeyVersions/1`,
    `gcp-kms:${googleKey}?endpoint=ftp://127.0.0.1`,
    'vault-transit:http://vault.example.com:8200/transit/kept',
    'vault-transit:https://user:password@vault.example.com/transit/kept',
    'vault-transit:https://vault.example.com/kept',
    'vault-transit:vault.example.com/transit/kept',
  ]) {
    const refused = (error: unknown) =>
      error instanceof Failure && /KEPT_SEALING_KEY/.test(error.message) && !error.message.includes(secret);
    assert.throws(() => readConfig({ KEPT_SEALING_KEY: text }), refused, text);
    assert.throws(() => readConfig({ KEPT_SEALING_KEYS_EARLIER: `file:/a,${text}` }), refused, text);
  }
  assert.throws(() => readConfig({ KEPT_SEALING_KEY: 'file:/a', KEPT_SEALING_KEY_FILE: '/b' }), /leave it out/);
  const { sealingKey } = readConfig({ KEPT_SEALING_KEY: 'vault-transit:https://vault.example.com/team/transit/kept' });
  assert.deepEqual(sealingKey, {
    keeper: 'vault-transit',
    address: 'https://vault.example.com',
    mount: 'team/transit',
    key: 'kept',
  });
});
