/** The caller of the `auth` bench, in a process of its own, so that asking is not counted as answering. */
import { Agent, get } from 'node:http';
import { z } from 'zod';

const orderSchema = z.object({
  url: z.string(),
  /** One is drawn for each request in turn; empty: none is sent. */
  cookies: z.array(z.string()),
  connections: z.number(),
  ms: z.number(),
});

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  ask(order).then(
    (answered) => process.send?.({ answered }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

/** How many requests were answered with 200 in the time, as many at once as there are connections. */
async function ask({ url, cookies, connections, ms }: z.infer<typeof orderSchema>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const until = performance.now() + ms;
  let answered = 0;
  let turn = 0;
  const one = async () => {
    while (performance.now() < until) {
      const cookie = cookies[turn % Math.max(1, cookies.length)];
      turn += 1;
      const status = await request(agent, url, cookie === undefined ? {} : { cookie });
      if (status !== 200) throw new Error(`the server answered ${status}`);
      answered += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, one));
  } finally {
    agent.destroy();
  }
  return answered;
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
