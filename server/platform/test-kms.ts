import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';

/**
 * Local servers that speak the protocols of AWS KMS, Google Cloud KMS and the transit engine of Vault as their
 * documentation has them, with their checks of who asks, so that the vendors' own clients can be tried against them.
 */
export interface TestKms {
  /** `http://127.0.0.1:…` */
  readonly address: string;
  /** Acts asked for, in order. */
  readonly asked: string[];
  /** Makes a new version of its key, which wraps from then on; earlier ones still unwrap. */
  rotate(): void;
  /** Nothing before the present version unwraps any more. */
  forgetEarlier(): void;
  /** What the next requests are answered with instead; `count` of them. */
  failNext(status: number, count: number): void;
  close(): Promise<void>;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly body: string;
}
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Versions of one key of AES-256-GCM. Wrapped: version (1) ‖ nonce (12) ‖ tag (16) ‖ text. */
class Versions {
  readonly keys = new Map<number, Buffer>([[1, randomBytes(32)]]);
  present = 1;

  rotate(): void {
    this.present += 1;
    this.keys.set(this.present, randomBytes(32));
  }

  wrap(plain: Buffer, context: Buffer): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.keys.get(this.present) ?? '', nonce).setAAD(context);
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(this.present), nonce, cipher.getAuthTag(), text]);
  }

  /** Undefined where it does not open. */
  unwrap(wrapped: Buffer, context: Buffer): Buffer | undefined {
    const key = this.keys.get(wrapped[0] ?? 0);
    if (key === undefined || wrapped.length < 29) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(1, 13)).setAAD(context);
    decipher.setAuthTag(wrapped.subarray(13, 29));
    try {
      return Buffer.concat([decipher.update(wrapped.subarray(29)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** As each of the three says that it is not well. */
const stumble = {
  __type: 'KMSInternalException',
  error: { code: 503, message: 'try again', status: 'UNAVAILABLE' },
  errors: ['Vault is sealed'],
};

async function serve(versions: Versions, answer: (asked: Asked, log: string[]) => Answer): Promise<TestKms> {
  const log: string[] = [];
  let failing = { status: 500, count: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    let { status, body }: Answer = { status: failing.status, body: stumble };
    if (failing.count > 0) failing = { ...failing, count: failing.count - 1 };
    else ({ status, body } = answer({ request, path: request.url ?? '', body: Buffer.concat(chunks).toString() }, log));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    address: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked: log,
    rotate: () => versions.rotate(),
    forgetEarlier() {
      for (const version of versions.keys.keys()) if (version !== versions.present) versions.keys.delete(version);
    },
    failNext(status, count) {
      failing = { status, count };
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const awsBody = z.object({
  KeyId: z.string(),
  Plaintext: z.base64().optional(),
  CiphertextBlob: z.base64().optional(),
  EncryptionContext: z.record(z.string(), z.string()).default({}),
});

/** AWS JSON 1.1 over HTTP: `X-Amz-Target: TrentService.Encrypt`, signed with Signature Version 4. */
export function serveAwsKms(known: {
  arn: string;
  region: string;
  accessKey: string;
  secretKey: string;
}): Promise<TestKms> {
  const versions = new Versions();
  const problem = (type: string): Answer => ({ status: 400, body: { __type: type, message: type } });
  return serve(versions, ({ request, path, body }, log) => {
    if (!isSignedForAws(request, path, body, known)) return problem('InvalidSignatureException');
    const act = String(request.headers['x-amz-target']);
    log.push(act);
    const asked = awsBody.parse(JSON.parse(body));
    if (asked.KeyId !== known.arn) return problem('NotFoundException');
    const context = Buffer.from(JSON.stringify(Object.entries(asked.EncryptionContext).sort()));
    const common = { KeyId: known.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    if (act === 'TrentService.Encrypt') {
      const wrapped = versions.wrap(Buffer.from(asked.Plaintext ?? '', 'base64'), context);
      return { status: 200, body: { ...common, CiphertextBlob: wrapped.toString('base64') } };
    }
    if (act !== 'TrentService.Decrypt') return problem('UnknownOperationException');
    const plain = versions.unwrap(Buffer.from(asked.CiphertextBlob ?? '', 'base64'), context);
    if (plain === undefined) return problem('InvalidCiphertextException');
    return { status: 200, body: { ...common, Plaintext: plain.toString('base64') } };
  });
}

function isSignedForAws(
  request: IncomingMessage,
  path: string,
  body: string,
  { region, accessKey, secretKey }: { region: string; accessKey: string; secretKey: string },
): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, key, date = '', where, names = '', signature = ''] = pattern.exec(request.headers.authorization ?? '') ?? [];
  if (key !== accessKey || where !== region) return false;
  if (!['host', 'x-amz-date', 'x-amz-target'].every((name) => names.split(';').includes(name))) return false;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, path, '', headers.join(''), names, sha256(body)].join('\n');
  const scope = `${date}/${region}/kms/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const hmac = (secret: Buffer | string, text: string) => createHmac('sha256', secret).update(text).digest();
  const signing = hmac(hmac(hmac(hmac(`AWS4${secretKey}`, date), region), 'kms'), 'aws4_request');
  return timingSafeEqual(hmac(signing, toSign), Buffer.from(signature, 'hex'));
}

const googleBody = z.object({
  plaintext: z.base64().optional(),
  ciphertext: z.base64().optional(),
  additionalAuthenticatedData: z.base64().default(''),
});

/**
 * The REST protocol of Cloud KMS v1, for a service account that signs its tokens itself (RS256).
 * @returns also what the file that GOOGLE_APPLICATION_CREDENTIALS names holds
 */
export async function serveGoogleKms(keyName: string): Promise<TestKms & { readonly credentials: string }> {
  const versions = new Versions();
  const account = 'kept@test.iam.gserviceaccount.com';
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const problem = (code: number, status: string): Answer => ({
    status: code,
    body: { error: { code, message: status, status } },
  });
  const kms = await serve(versions, ({ request, path, body }, log) => {
    if (!isFromAccount(request, publicKey, account)) return problem(401, 'UNAUTHENTICATED');
    const [, name = '', act = ''] = /^\/v1\/([^:?]+):(\w+)/.exec(decodeURIComponent(path)) ?? [];
    log.push(act);
    if (name !== keyName) return problem(404, 'NOT_FOUND');
    const asked = googleBody.parse(JSON.parse(body));
    const context = Buffer.from(asked.additionalAuthenticatedData, 'base64');
    if (act === 'encrypt') {
      const wrapped = versions.wrap(Buffer.from(asked.plaintext ?? '', 'base64'), context);
      const answer = {
        name: `${keyName}/cryptoKeyVersions/${versions.present}`,
        ciphertext: wrapped.toString('base64'),
      };
      return { status: 200, body: { ...answer, protectionLevel: 'SOFTWARE' } };
    }
    const plain = versions.unwrap(Buffer.from(asked.ciphertext ?? '', 'base64'), context);
    if (act !== 'decrypt' || plain === undefined) return problem(400, 'INVALID_ARGUMENT');
    return { status: 200, body: { plaintext: plain.toString('base64'), usedPrimary: true } };
  });
  const credentials = JSON.stringify({
    type: 'service_account',
    project_id: 'test',
    private_key_id: 'test-key',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: account,
    client_id: '1',
    token_uri: `${kms.address}/token`,
  });
  return { ...kms, credentials };
}

const claimsSchema = z.object({
  iss: z.string(),
  exp: z.number(),
  scope: z.string().optional(),
  aud: z.string().optional(),
});

function isFromAccount(request: IncomingMessage, publicKey: KeyObject, account: string): boolean {
  const [head = '', claims = '', signature = ''] = (request.headers.authorization ?? '')
    .replace(/^Bearer /, '')
    .split('.');
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) return false;
  const {
    iss,
    exp,
    scope = '',
    aud = '',
  } = claimsSchema.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()));
  const mayUse =
    scope.split(' ').includes('https://www.googleapis.com/auth/cloudkms') || aud.startsWith('https://cloudkms.');
  return iss === account && exp * 1000 > Date.now() && mayUse;
}

const vaultBody = z.object({
  plaintext: z.base64().optional(),
  ciphertext: z.string().optional(),
  associated_data: z.base64().default(''),
});

/** The transit secrets engine under `/v1/transit`, with one key named `kept`. */
export function serveVault(known: { token: string; namespace: string | undefined }): Promise<TestKms> {
  const versions = new Versions();
  const problem = (status: number, said: string): Answer => ({ status, body: { errors: [said] } });
  return serve(versions, ({ request, path, body }, log) => {
    const { 'x-vault-token': token, 'x-vault-namespace': namespace, 'x-vault-request': isRequest } = request.headers;
    if (token !== known.token || namespace !== known.namespace || isRequest !== 'true')
      return problem(403, 'permission denied');
    const [, act = ''] = /^\/v1\/transit\/(encrypt|decrypt)\/kept$/.exec(path) ?? [];
    log.push(act);
    if (act === '') return problem(404, 'no handler for route');
    const asked = vaultBody.parse(JSON.parse(body));
    const context = Buffer.from(asked.associated_data, 'base64');
    if (act === 'encrypt') {
      const wrapped = versions.wrap(Buffer.from(asked.plaintext ?? '', 'base64'), context);
      const ciphertext = `vault:v${versions.present}:${wrapped.subarray(1).toString('base64')}`;
      return { status: 200, body: { data: { ciphertext, key_version: versions.present } } };
    }
    const [, version = '', text = ''] = /^vault:v(\d+):(.+)$/.exec(asked.ciphertext ?? '') ?? [];
    const wrapped = Buffer.concat([Buffer.of(Number(version)), Buffer.from(text, 'base64')]);
    const plain = versions.unwrap(wrapped, context);
    if (plain === undefined) return problem(400, 'cipher: message authentication failed');
    return { status: 200, body: { data: { plaintext: plain.toString('base64') } } };
  });
}
