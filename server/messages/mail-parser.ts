import { once } from 'node:events';
import { parentPort, Worker } from 'node:worker_threads';
import { type ParsedMail, parseMail, parseRoughly } from './parse-mail.ts';

/** Parses mails one after another in a thread of its own. */
export interface MailParser {
  /**
   * A mail that takes too long, needs too much memory or is no mail is shown as far as its headers can be made out.
   * @param isWhole false where only the beginning of a mail is there
   */
  parse(raw: Buffer, isWhole: boolean): Promise<ParsedMail>;
  close(): Promise<void>;
}

interface Job {
  readonly raw: Uint8Array;
  readonly isWhole: boolean;
}

/** @param timeoutMs for one mail, 10,000 when absent */
export function openMailParser(timeoutMs = 10_000): MailParser {
  let thread: Worker | null = null;
  const end = async () => {
    const ending = thread;
    thread = null;
    await ending?.terminate();
  };
  return {
    async parse(raw, isWhole) {
      thread ??= startThread();
      const parsed = await ask(thread, { raw: new Uint8Array(raw), isWhole }, timeoutMs);
      if (parsed !== null) return parsed;
      // What is left of that thread may be busy, or gone.
      await end();
      return parseRoughly(raw);
    },
    close: end,
  };
}

function startThread(): Worker {
  const thread = new Worker(new URL(import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
  });
  // Waited for where it counts; an idle one does not keep the process alive.
  thread.unref();
  thread.on('error', () => undefined);
  return thread;
}

/** Null when no answer came in time, or the thread died of the mail. */
async function ask(thread: Worker, job: Job, timeoutMs: number): Promise<ParsedMail | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const died = once(thread, 'exit', { signal: stop.signal }).then(
    () => null,
    () => null,
  );
  const answered = once(thread, 'message', { signal: stop.signal }).then(
    ([answer]) => readAnswer(answer),
    () => null,
  );
  try {
    thread.postMessage(job);
    return await Promise.race([answered, died]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** The thread runs this file, so what it sends is what `parseMail` gave. */
function readAnswer(answer: { readonly parsed: ParsedMail | null }): ParsedMail | null {
  return answer.parsed;
}

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (job: Job) => {
    parseMail(job.raw, job.isWhole).then(
      (parsed) => port.postMessage({ parsed }),
      () => port.postMessage({ parsed: null }),
    );
  });
}
