import type { Endpoint, IdentifiedBy, Scheme } from '../../server/webhooks/endpoints-contract.ts';

type Hmac = Extract<Scheme, { kind: 'hmac' }>;

/** What the form of an endpoint holds: the fields of every scheme, so that changing one's mind loses nothing. */
export interface EndpointDraft {
  readonly name: string;
  readonly kind: Scheme['kind'];
  readonly header: string;
  readonly prefix: string;
  readonly hash: Hmac['hash'];
  readonly encoding: Hmac['encoding'];
  readonly secretIs: Hmac['secretIs'];
  readonly signs: string;
  /** Empty where no time is signed. */
  readonly timestampHeader: string;
  readonly timestampUnit: 'seconds' | 'milliseconds';
  readonly toleranceSeconds: number;
  readonly by: IdentifiedBy['by'];
  readonly idHeader: string;
  readonly idPointer: string;
  /** Only asked for when the endpoint is made. */
  readonly secret: string;
  readonly enabled: boolean;
}

export const blankEndpoint: EndpointDraft = {
  name: '',
  kind: 'standard-webhooks',
  header: '',
  prefix: '',
  hash: 'sha256',
  encoding: 'hex',
  secretIs: 'text',
  signs: '{body}',
  timestampHeader: '',
  timestampUnit: 'seconds',
  toleranceSeconds: 300,
  by: 'scheme',
  idHeader: '',
  idPointer: '',
  secret: '',
  enabled: true,
};

export function schemeOf(draft: EndpointDraft): Scheme {
  const { kind, toleranceSeconds } = draft;
  if (kind === 'meta' || kind === 'shopify') return { kind };
  if (kind !== 'hmac') return { kind, toleranceSeconds };
  const { header, prefix, hash, encoding, secretIs, signs, timestampHeader, timestampUnit } = draft;
  const timestamp =
    timestampHeader.trim() === '' ? null : { header: timestampHeader.trim(), unit: timestampUnit, toleranceSeconds };
  return { kind, header: header.trim(), prefix, hash, encoding, secretIs, signs, timestamp };
}

export function identifiedByOf({ by, idHeader, idPointer }: EndpointDraft): IdentifiedBy {
  if (by === 'header') return { by, header: idHeader.trim() };
  if (by === 'pointer') return { by, pointer: idPointer.trim() };
  return { by };
}

export function draftOf({ name, enabled, scheme, identifiedBy }: Endpoint): EndpointDraft {
  return {
    ...blankEndpoint,
    name,
    enabled,
    kind: scheme.kind,
    ...('toleranceSeconds' in scheme && { toleranceSeconds: scheme.toleranceSeconds }),
    ...(scheme.kind === 'hmac' && {
      header: scheme.header,
      prefix: scheme.prefix,
      hash: scheme.hash,
      encoding: scheme.encoding,
      secretIs: scheme.secretIs,
      signs: scheme.signs,
      ...(scheme.timestamp !== null && {
        timestampHeader: scheme.timestamp.header,
        timestampUnit: scheme.timestamp.unit,
        toleranceSeconds: scheme.timestamp.toleranceSeconds,
      }),
    }),
    by: identifiedBy.by,
    ...(identifiedBy.by === 'header' && { idHeader: identifiedBy.header }),
    ...(identifiedBy.by === 'pointer' && { idPointer: identifiedBy.pointer }),
  };
}
