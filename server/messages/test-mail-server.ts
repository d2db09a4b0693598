import { once } from 'node:events';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { TestCertificate } from './test-certificate.ts';

/** A message as the server took it over. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** As it came, headers and all. */
  readonly raw: string;
  readonly mail: Email;
}

/** What the server does with the next message: an SMTP reply with a code from 400 refuses it. */
export type Verdict = { readonly code: number; readonly text: string } | null;

/** A real SMTP server on 127.0.0.1. */
export interface TestMailServer {
  /** For KEPT_SMTP_URL. */
  readonly url: string;
  readonly port: number;
  /** Messages that were accepted, oldest first. */
  readonly taken: TakenMail[];
  /** Verdicts on the next recipients, first one first; accepted when there is none left. */
  readonly onRecipient: Verdict[];
  /** The same for messages after their last line. */
  readonly onMessage: Verdict[];
  /** Called with each message before the server answers. */
  beforeAnswer: (mail: TakenMail) => void | Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens one.
 * @param options `certificate`: STARTTLS (or TLS from the start where `implicit`) is offered with it; otherwise none is.
 */
export async function openTestMailServer(
  options: {
    readonly certificate?: TestCertificate;
    readonly implicit?: boolean;
    readonly credentials?: { readonly user: string; readonly password: string };
  } = {},
): Promise<TestMailServer> {
  const onRecipient: Verdict[] = [];
  const onMessage: Verdict[] = [];
  const taken: TakenMail[] = [];
  const { certificate, credentials } = options;
  const server = new SMTPServer({
    ...(certificate !== undefined && { key: certificate.key, cert: certificate.certificate }),
    secure: options.implicit ?? false,
    hideSTARTTLS: certificate === undefined,
    authOptional: credentials === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth: (auth, _session, callback) => {
      const right = auth.username === credentials?.user && auth.password === credentials?.password;
      callback(
        right ? null : reply({ code: 535, text: '5.7.8 no' }),
        right ? { user: auth.username ?? '' } : undefined,
      );
    },
    onRcptTo: (address, _session, callback) => callback(reply(onRecipient.shift() ?? null, address.address)),
    onData: (stream, session, callback) => {
      const take = async () => {
        const raw = Buffer.concat(await stream.toArray()).toString('utf8');
        const { mailFrom, rcptTo } = session.envelope;
        const mail: TakenMail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((recipient) => recipient.address),
          secure: session.secure,
          raw,
          mail: await PostalMime.parse(raw),
        };
        const verdict = onMessage.shift() ?? null;
        if (verdict === null) taken.push(mail);
        await opened.beforeAnswer(mail);
        return reply(verdict, mail.to.join(' '));
      };
      take().then((refusal) => callback(refusal), callback);
    },
  });
  // Clients that break off are part of the tests.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the test mail server has no port');
  const { port } = address;
  const opened: TestMailServer = {
    url: `${options.implicit === true ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    taken,
    onRecipient,
    onMessage,
    beforeAnswer: () => undefined,
    close: () => new Promise((done) => server.close(() => done())),
  };
  return opened;
}

/** A refusal as real servers word it: with the address in it. */
function reply(verdict: Verdict, address = ''): Error | null {
  if (verdict === null) return null;
  return Object.assign(new Error(`${verdict.text} <${address}>`), { responseCode: verdict.code });
}
