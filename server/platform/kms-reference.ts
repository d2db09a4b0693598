import { resolve } from 'node:path';

/** Where a key-encryption key is, as the configuration names it. */
export type KeyReference =
  | { readonly keeper: 'file'; readonly path: string }
  | { readonly keeper: 'environment'; readonly key: Buffer }
  | { readonly keeper: 'aws-kms'; readonly arn: string; readonly region: string; readonly endpoint: string | null }
  | { readonly keeper: 'gcp-kms'; readonly key: string; readonly endpoint: string | null }
  | { readonly keeper: 'vault-transit'; readonly address: string; readonly mount: string; readonly key: string };

/** What a mistaken one is answered with. */
export const referenceForms =
  'write file:/path, base64: and 32 octets, aws-kms:<ARN of a key>, gcp-kms:projects/…/cryptoKeys/… or vault-transit:https://vault.example:8200/transit/<key>';

/** Reads one; undefined where it is none. */
export function readKeyReference(text: string): KeyReference | undefined {
  const colon = text.indexOf(':');
  const place = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case 'file':
      return place === '' ? undefined : { keeper: 'file', path: resolve(place) };
    case 'base64':
      return readOctets(place);
    case 'aws-kms':
      return readAws(place);
    case 'gcp-kms':
      return readGoogle(place);
    case 'vault-transit':
      return readVault(place);
    default:
      return undefined;
  }
}

/** 32 octets as Base64; undefined where it is anything else. */
export function readKeyOctets(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64');
  const isWhole = octets.length === 32 && octets.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return isWhole ? octets : undefined;
}

function readOctets(place: string): KeyReference | undefined {
  const key = readKeyOctets(place);
  return key === undefined ? undefined : { keeper: 'environment', key };
}

function readAws(place: string): KeyReference | undefined {
  const [arn = '', query] = place.split('?');
  const [, region] = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[\w/-]+$/.exec(arn) ?? [];
  const endpoint = endpointIn(query);
  return region === undefined || endpoint === undefined ? undefined : { keeper: 'aws-kms', arn, region, endpoint };
}

function readGoogle(place: string): KeyReference | undefined {
  const [key = '', query] = place.split('?');
  const endpoint = endpointIn(query);
  const isKey = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(key);
  return !isKey || endpoint === undefined ? undefined : { keeper: 'gcp-kms', key, endpoint };
}

function readVault(place: string): KeyReference | undefined {
  if (!URL.canParse(place)) return undefined;
  const url = new URL(place);
  const [, mount, key] = /^\/(.+)\/([\w.-]+)$/.exec(url.pathname) ?? [];
  const isBare = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (mount === undefined || key === undefined || !isBare || !isTrusted(url)) return undefined;
  return { keeper: 'vault-transit', address: url.origin, mount, key };
}

/** Null without one; undefined where it is no address that keys may go to. */
function endpointIn(query: string | undefined): string | null | undefined {
  if (query === undefined) return null;
  const parameters = new URLSearchParams(query);
  const endpoint = parameters.get('endpoint') ?? '';
  if ([...parameters.keys()].join() !== 'endpoint' || !URL.canParse(endpoint)) return undefined;
  const url = new URL(endpoint);
  return isTrusted(url) ? url.origin : undefined;
}

/** Keys cross a network over TLS only. */
function isTrusted(url: URL): boolean {
  const isNear = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isNear);
}
