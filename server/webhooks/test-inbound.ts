import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import { openTestAccess, type TestAccess, type TestAnswer } from '../access/test-access.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import { fixedClock } from '../platform/clock.ts';
import { registerEndpointRoutes } from './endpoint-routes.ts';
import type { createEndpoint, Endpoint } from './endpoints-contract.ts';
import { registerInboundRoutes } from './inbound-routes.ts';
import { registerInboundTasks } from './inbound-tasks.ts';
import { registerWebhooksRoutes } from './routes.ts';

type Wanted = z.input<(typeof createEndpoint)['body']>;
type Made = z.infer<(typeof createEndpoint)['answer']>;

/** A server that takes in webhooks, and somebody who may set them up. */
export interface TestInbound extends TestAccess {
  readonly clock: ReturnType<typeof fixedClock>;
  /** Calls as a member who may set webhooks up. */
  ask(method: string, path: string, body?: unknown): Promise<TestAnswer>;
  make(wanted: Wanted): Promise<Made>;
  /** Sends as a platform does. `path` of an endpoint's address. */
  send(path: string, body: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  /** Sends what is signed by `sha256=` and the hex of an HMAC in `x-signature`, as `hmacScheme` says. */
  sendSigned(
    to: { readonly endpoint: Pick<Endpoint, 'url'>; readonly secret: string | null },
    body: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
  settled(): Promise<void>;
}

export const hmacScheme = { kind: 'hmac', header: 'x-signature', prefix: 'sha256=' } as const;

export function sign(secret: string | null, body: string | Buffer): string {
  return `sha256=${createHmac('sha256', secret ?? '')
    .update(body)
    .digest('hex')}`;
}

/** Opens one. Call `close` in `after`. */
export async function openTestInbound(): Promise<TestInbound> {
  const clock = fixedClock('2026-11-20T12:00:00Z');
  const kept = await openTestAccess({
    clock,
    register: async (http, platform, access) => {
      await registerMessagesTasks(platform);
      registerInboundTasks(platform);
      registerWebhooksRoutes(http, platform);
      registerEndpointRoutes(http, platform);
      registerInboundRoutes(http, platform, access.limits);
    },
  });
  await kept.platform.tasks.start();
  const ask = (method: string, path: string, body?: unknown) => kept.call(method, path, 'engineer', body);
  const send: TestInbound['send'] = async (path, body, headers = {}) => {
    const answer = await fetch(`${kept.address}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, cookie: undefined, json: () => JSON.parse(text) };
  };
  return {
    ...kept,
    clock,
    ask,
    send,
    async make(wanted) {
      const answer = await ask('POST', '/v1/webhooks/endpoints', wanted);
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.json();
    },
    sendSigned: ({ endpoint, secret }, body, headers = {}) =>
      send(endpoint.url, body, { 'x-signature': sign(secret, body), ...headers }),
    settled: () => kept.platform.tasks.settled(),
  };
}
