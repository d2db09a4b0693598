import { createSocket } from 'node:dgram';
import type { TestAccess, TestAnswer } from './test-access.ts';

/** A name server on loopback that knows text records. */
export interface TestNameServer {
  /** `127.0.0.1:<port>`, for KEPT_DNS_SERVERS. */
  readonly address: string;
  /** Name → its text records. */
  readonly records: Map<string, string[]>;
  close(): Promise<void>;
}

/** Answers questions for TXT (RFC 1035) out of a map; any other with "no such name". */
export async function startNameServer(): Promise<TestNameServer> {
  const records = new Map<string, string[]>();
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => socket.send(answerTxt(question, records), from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTxt(question: Buffer, records: ReadonlyMap<string, string[]>): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let size = question[at] ?? 0; size > 0; size = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + size));
    at += size + 1;
  }
  const asked = question.subarray(12, at + 5);
  const found = records.get(labels.join('.').toLowerCase()) ?? [];
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(found.length > 0 ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  const answers = found.map((text) => {
    // A text record is a row of strings of at most 255 octets.
    const parts = text.match(/.{1,200}/g) ?? [''];
    const data = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.of(part.length), Buffer.from(part)])));
    const head = Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 0, data.length >> 8, data.length & 0xff]);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, asked, ...answers]);
}

/** A browser, as far as a sign-in through a provider needs one: it keeps cookies, by path, and follows nothing. */
export interface TestBrowser {
  /** What it was given, by name. */
  readonly cookies: Map<string, { readonly value: string; readonly path: string }>;
  get(address: string): Promise<TestAnswer>;
  /** As a page of another site does. */
  post(address: string, form: Readonly<Record<string, string>>): Promise<TestAnswer>;
}

/** A new browser that knows no cookie of Kept's. */
export function openBrowser(server: Pick<TestAccess, 'address'>): TestBrowser {
  const cookies: TestBrowser['cookies'] = new Map();
  async function go(address: string, init: RequestInit & { headers?: Record<string, string> }): Promise<TestAnswer> {
    const url = new URL(address, server.address);
    const sent = [...cookies].filter(([, { path }]) => url.pathname.startsWith(path));
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie !== '' && { cookie }) };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) keep(cookies, line);
    const text = await answer.text();
    const session = cookies.get('kept_session')?.value;
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      cookie: session === undefined ? undefined : `kept_session=${session}`,
      json: () => JSON.parse(text),
    };
  }
  return {
    cookies,
    get: (address) => go(address, { headers: { 'sec-fetch-site': 'none' } }),
    post: (address, form) =>
      go(address, {
        method: 'POST',
        headers: {
          'sec-fetch-site': 'cross-site',
          origin: 'https://idp.example',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
      }),
  };
}

function keep(cookies: TestBrowser['cookies'], line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  const path = attributes.find((attribute) => attribute.startsWith('Path='))?.slice(5) ?? '/';
  if (value === '') cookies.delete(name);
  else cookies.set(name, { value, path });
}

/** Proves a domain for the server's first organisation, or whoever the cookie is of, over HTTP and DNS. */
export async function proveTestDomain(
  server: TestAccess,
  names: TestNameServer,
  cookie: string,
  domain: string,
  provider: string | null,
): Promise<void> {
  const claimed = await server.call('POST', '/v1/access/domains', cookie, { domain, provider });
  if (claimed.status !== 201) throw new Error(claimed.text);
  const { record } = claimed.json();
  names.records.set(record.name, ['something=else', record.value]);
  const proved = await server.call('POST', `/v1/access/domains/${domain}/verification`, cookie);
  if (proved.status !== 200) throw new Error(proved.text);
}
