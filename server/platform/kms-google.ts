import { failuresOf } from './failure.ts';
import { type KeyEncryptionKey, sealProblems } from './kms.ts';
import type { KeyReference } from './kms-reference.ts';

const fail = failuresOf(sealProblems);
type GoogleReference = Extract<KeyReference, { keeper: 'gcp-kms' }>;

const TIMEOUT_MS = 10_000;
/** Codes of gRPC that another moment may mend: deadline exceeded, aborted, internal, unavailable. */
const PASSING = new Set([4, 10, 13, 14]);

/**
 * A symmetric key of Google Cloud KMS, over REST. Credentials are found as the SDK finds them: the file that
 * GOOGLE_APPLICATION_CREDENTIALS names, or the service account of the machine. The SDK is loaded with the first use.
 */
export async function openGoogleKey(reference: GoogleReference): Promise<KeyEncryptionKey> {
  const { KeyManagementServiceClient } = await import('@google-cloud/kms');
  const { key: name, endpoint } = reference;
  const client = new KeyManagementServiceClient({ fallback: true, ...placeOf(endpoint) });
  const call = { timeout: TIMEOUT_MS, maxRetries: 2 };
  return {
    keeper: 'gcp-kms',
    name: `gcp-kms:${name}`,
    async wrap(dataKey, context) {
      const request = { name, plaintext: dataKey, additionalAuthenticatedData: Buffer.from(context) };
      const [answer] = await asking(name, () => client.encrypt(request, call));
      const version = /\/cryptoKeyVersions\/(\d+)$/.exec(answer.name ?? '')?.[1] ?? null;
      return { wrapped: octetsOf(answer.ciphertext, name), version };
    },
    async unwrap(wrapped, context) {
      const request = { name, ciphertext: wrapped, additionalAuthenticatedData: Buffer.from(context) };
      const [answer] = await asking(name, () => client.decrypt(request, call));
      return octetsOf(answer.plaintext, name);
    },
    close() {
      // Over REST there is no channel; what remains is connections that are let go when idle.
    },
  };
}

function placeOf(endpoint: string | null) {
  if (endpoint === null) return {};
  const { protocol, hostname, port } = new URL(endpoint);
  const isPlain = protocol === 'http:';
  return {
    apiEndpoint: hostname,
    port: port === '' ? (isPlain ? 80 : 443) : Number(port),
    protocol: isPlain ? 'http' : 'https',
  };
}

function octetsOf(value: Uint8Array | string | null | undefined, name: string): Buffer {
  const octets = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(value ?? []);
  if (octets.length === 0) throw fail('sealing-key-unusable', `${name} answered with nothing.`);
  return octets;
}

async function asking<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const isAnswer = typeof code === 'number' && !PASSING.has(code);
    if (isAnswer) throw fail('sealing-key-unusable', `Google Cloud KMS: code ${code} for ${name}.`, { cause });
    throw fail('sealing-key-unavailable', `Google Cloud KMS does not answer for ${name}.`, { cause });
  }
}
