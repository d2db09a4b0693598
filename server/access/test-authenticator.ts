import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * An authenticator in software (WebAuthn Level 3, 6): one passkey, ES256, attestation `none`. It does what a browser and
 * a device do together, and on request what no honest one would.
 */
export interface TestAuthenticator {
  /** Credential id, base64url. */
  readonly id: string;
  counter: number;
  /** Answers a challenge for registration. */
  create(options: Challenge, how?: How): Record<string, unknown>;
  /** Answers a challenge to sign in. */
  get(options: Challenge, how?: How): Record<string, unknown>;
}

/** What of a challenge counts here. */
export interface Challenge {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
}

/** What it lies about. */
export interface How {
  /** Where the page was. */
  readonly origin: string;
  readonly rpId?: string;
  readonly isUserVerified?: boolean;
  readonly challenge?: string;
  readonly type?: string;
  readonly userHandle?: string;
  /** Signs with another key. */
  readonly isForged?: boolean;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

export function openAuthenticator(): TestAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  let userHandle = '';

  const clientData = (type: string, options: Challenge, how: How | undefined) =>
    Buffer.from(
      JSON.stringify({
        type: how?.type ?? type,
        challenge: how?.challenge ?? options.challenge,
        origin: how?.origin,
        crossOrigin: false,
      }),
    );
  const authenticatorData = (rpId: string, how: How | undefined, credential: Buffer) => {
    const verified = how?.isUserVerified === false ? 0 : USER_VERIFIED;
    const flags = USER_PRESENT | verified | (credential.length > 0 ? HAS_CREDENTIAL : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(authenticator.counter);
    return Buffer.concat([sha256(how?.rpId ?? rpId), Buffer.of(flags), counter, credential]);
  };
  const shell = {
    id: credentialId.toString('base64url'),
    rawId: credentialId.toString('base64url'),
    type: 'public-key',
  };

  const authenticator: TestAuthenticator = {
    id: shell.id,
    counter: 1,
    create(options, how) {
      userHandle = options.user?.id ?? '';
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      // AAGUID of nobody, then the id and the key.
      const credential = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const data = authenticatorData(options.rp?.id ?? '', how, credential);
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(data)],
      ]);
      return {
        ...shell,
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', options, how).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    get(options, how) {
      const data = authenticatorData(options.rpId ?? '', how, Buffer.alloc(0));
      const client = clientData('webauthn.get', options, how);
      const key = how?.isForged === true ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : privateKey;
      return {
        ...shell,
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([data, sha256(client)]), key).toString('base64url'),
          userHandle: how?.userHandle ?? userHandle,
        },
      };
    },
  };
  return authenticator;
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The key as COSE writes it (RFC 9053, 7.1.1): EC2, ES256, P-256. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return cborMap([
    [cborInteger(1), cborInteger(2)],
    [cborInteger(3), cborInteger(-7)],
    [cborInteger(-1), cborInteger(1)],
    [cborInteger(-2), cborBytes(Buffer.from(x, 'base64url'))],
    [cborInteger(-3), cborBytes(Buffer.from(y, 'base64url'))],
  ]);
}

/* As much of CBOR (RFC 8949) as an authenticator writes. */

function cborHead(major: number, size: number): Buffer {
  if (size < 24) return Buffer.of((major << 5) | size);
  if (size < 256) return Buffer.of((major << 5) | 24, size);
  return Buffer.of((major << 5) | 25, size >> 8, size & 0xff);
}

const cborInteger = (value: number) => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (value: Buffer) => Buffer.concat([cborHead(2, value.length), value]);
const cborText = (value: string) => Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
