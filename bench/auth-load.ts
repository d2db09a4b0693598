/** The caller of the `auth` bench, in a process of its own, so that asking is not counted as answering. */
import { Agent, get } from 'node:http';

export interface LoadOrder {
  /** Asked in turns. */
  readonly urls: readonly string[];
  /** One for each request, in turn. */
  readonly cookies: readonly string[];
  readonly connections: number;
  readonly turns: number;
  readonly turnMs: number;
}

/** Requests per second that each address answered, or why there are none. */
export type LoadOutcome = { readonly answered: readonly number[] } | { readonly failed: string };

process.on('message', (order: LoadOrder) => {
  ask(order).then(
    (answered) => tell({ answered }),
    (error: unknown) => tell({ failed: String(error) }),
  );
});
function tell(outcome: LoadOutcome): void {
  process.send?.(outcome);
}
process.on('disconnect', () => process.exit(0));

/** How many requests per second each address answered with 200, as many at once as there are connections. */
async function ask({ urls, cookies, connections, turns, turnMs }: LoadOrder): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sums = urls.map((url) => ({ url, answered: 0, ms: 0 }));
  let sent = 0;
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      // Whoever is first in one turn is last in the next.
      for (const sum of turn % 2 === 0 ? sums : sums.toReversed()) {
        const started = performance.now();
        const one = async () => {
          while (performance.now() - started < turnMs) {
            sent += 1;
            const status = await request(agent, sum.url, { cookie: cookies[sent % cookies.length] ?? '' });
            if (status !== 200) throw new Error(`the server answered ${status}`);
            sum.answered += 1;
          }
        };
        await Promise.all(Array.from({ length: connections }, one));
        sum.ms += performance.now() - started;
      }
    }
  } finally {
    agent.destroy();
  }
  return sums.map(({ answered, ms }) => (answered * 1000) / ms);
}

function request(agent: Agent, url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', reject);
    }).on('error', reject);
  });
}
