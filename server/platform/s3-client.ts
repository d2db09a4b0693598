import type { S3Client } from '@aws-sdk/client-s3';

/** Where a bucket is and who asks; from `s3://key:secret@bucket/prefix?region=eu-central-1&endpoint=https://…`. */
export interface S3Place {
  readonly bucket: string;
  /** What every key begins with: empty, or ending in `/`. */
  readonly prefix: string;
  readonly region: string;
  /** Absent: Amazon's own. */
  readonly endpoint: string | undefined;
  /** Whether the bucket stands in the path of an address and not in its host; so it is behind an endpoint of one's own. */
  readonly pathStyle: boolean;
  /** Absent: what the machine has been given (AWS_ACCESS_KEY_ID, a profile, the role of the instance). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

const known = ['region', 'endpoint', 'path-style'];

/** Reads such an address; undefined where it is none. The secret is written with percent escapes. */
export function readS3Url(text: string): S3Place | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (url.protocol !== 's3:' || url.hostname === '' || url.hash !== '') return undefined;
  if ([...url.searchParams.keys()].some((name) => !known.includes(name))) return undefined;
  if ((url.username === '') !== (url.password === '')) return undefined;
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    return undefined;
  const path = decodeURIComponent(url.pathname)
    .split('/')
    .filter((part) => part !== '');
  return {
    bucket: url.hostname,
    prefix: path.map((part) => `${part}/`).join(''),
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint,
    pathStyle: (url.searchParams.get('path-style') ?? String(endpoint !== undefined)) === 'true',
    credentials:
      url.username === ''
        ? undefined
        : { accessKeyId: decodeURIComponent(url.username), secretAccessKey: decodeURIComponent(url.password) },
  };
}

/** The vendor's SDK, loaded when it is first needed: most servers keep files in a folder. */
export const loadS3 = () => import('@aws-sdk/client-s3');

export async function openS3Client(place: S3Place): Promise<S3Client> {
  const { S3Client: Client } = await loadS3();
  return new Client({
    region: place.region,
    forcePathStyle: place.pathStyle,
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    ...(place.credentials !== undefined && { credentials: place.credentials }),
    // Its default wraps a stream in checksums that servers other than Amazon's may store as if they were content. What
    // matters is authenticated by our own encryption.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 120_000 },
  });
}

/** What the server or the SDK said, as a short word without anything of the request. */
export function s3CodeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[\w.-]{1,60}$/.test(code) ? code : 'unknown';
}
