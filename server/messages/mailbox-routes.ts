import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { idSchema } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { askForReading } from './ask-for-reading.ts';
import { checkLink, getAttachment, signLink } from './attachment-link.ts';
import { changeThread } from './change-thread.ts';
import { listThreads } from './list-threads.ts';
import { stateOf } from './mailbox-condition.ts';
import * as contract from './mailbox-contract.ts';
import { type MailboxRow, selectMailboxes } from './mailbox-store.ts';
import { MOST_MAIL_BYTES } from './open-mailbox.ts';
import { admitMail, receiveMail } from './receive-mail.ts';
import { replyInThread } from './reply-in-thread.ts';
import { addMailbox, changeMailbox, getMailbox, passwordFor, removeMailbox, renewSecret } from './set-up-mailbox.ts';
import { getThread, listMails, type ShownMail } from './show-thread.ts';
import type { ThreadRow } from './thread-store.ts';
import { tryMailbox } from './try-mailbox.ts';

const fail = failuresOf(contract.mailboxProblems);

/** Mail in: mailboxes, threads, attachments, and the door of providers' webhooks. */
export function registerMailboxRoutes(http: HttpServer, platform: Platform): void {
  registerMailboxes(http, platform);
  registerThreads(http, platform);
  registerFiles(http, platform);
  registerDoor(http, platform);
}

function registerMailboxes(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.listMailboxes, async ({ caller: { organisationId } }) => {
    const mailboxes = await db.transaction(organisationId, selectMailboxes);
    return { items: mailboxes.map((mailbox) => shownMailbox(organisationId, mailbox)) };
  });
  http.route(contract.addMailbox, async ({ caller: { organisationId, actor }, body }) => {
    const { mailbox, secret } = await db.transaction(organisationId, async (tx) => {
      const added = await addMailbox(platform, tx, body, actor);
      await askForReading(platform, tx, added.mailbox);
      return added;
    });
    return { mailbox: shownMailbox(organisationId, mailbox), secret };
  });
  http.route(contract.getMailbox, async ({ caller: { organisationId }, params }) => {
    const mailbox = await db.transaction(organisationId, (tx) => getMailbox(tx, params.mailbox));
    return shownMailbox(organisationId, mailbox);
  });
  http.route(contract.changeMailbox, async ({ caller: { organisationId, actor }, params, body }) => {
    const mailbox = await db.transaction(organisationId, async (tx) => {
      const changed = await changeMailbox(platform, tx, params.mailbox, body, actor);
      await askForReading(platform, tx, changed);
      return changed;
    });
    return shownMailbox(organisationId, mailbox);
  });
  http.route(contract.removeMailbox, async ({ caller: { organisationId, actor }, params }) => {
    await db.transaction(organisationId, (tx) => removeMailbox(tx, params.mailbox, actor));
    return null;
  });
  http.route(contract.tryMailbox, async ({ caller: { organisationId }, body }) => {
    const { mailbox, password: given, ...server } = body;
    const password = await db.transaction(organisationId, (tx) =>
      passwordFor(platform, tx, server, { mailbox, password: given }),
    );
    return tryMailbox(platform, server, password);
  });
  http.route(contract.readMailboxNow, async ({ caller: { organisationId }, params }) => {
    await db.transaction(organisationId, async (tx) =>
      askForReading(platform, tx, await getMailbox(tx, params.mailbox)),
    );
    return {};
  });
  http.route(contract.renewMailboxSecret, async ({ caller: { organisationId, actor }, params }) => {
    const { mailbox, secret } = await db.transaction(organisationId, (tx) =>
      renewSecret(platform, tx, params.mailbox, actor),
    );
    return { mailbox: shownMailbox(organisationId, mailbox), secret };
  });
}

function registerThreads(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.listThreads, async ({ caller, query: { awaitsReply, ...query } }) => {
    const awaiting = awaitsReply === undefined ? undefined : awaitsReply === 'true';
    const page = await db.transaction(caller.organisationId, (tx) =>
      listThreads(tx, { ...query, awaitsReply: awaiting }),
    );
    return { items: page.items.map(shownThread), next: page.next };
  });
  http.route(contract.getThread, ({ caller, params, query }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const thread = await getThread(tx, params.thread);
      const mails = await listMails(tx, params.thread, query);
      return { thread: shownThread(thread), mails: { items: mails.items.map(shownMail), next: mails.next } };
    }),
  );
  http.route(contract.replyInThread, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, (tx) =>
      replyInThread(tx, params.thread, { ...body, language: body.language ?? caller.language }, caller.actor),
    ),
  );
  http.route(contract.changeThread, async ({ caller, params, body }) => {
    const thread = await db.transaction(caller.organisationId, (tx) =>
      changeThread(tx, params.thread, body, caller.actor),
    );
    return shownThread(thread);
  });
}

function registerFiles(http: HttpServer, platform: Platform): void {
  http.route(contract.linkAttachment, async ({ caller: { organisationId }, params }) => {
    const attachment = await platform.db.transaction(organisationId, (tx) => getAttachment(tx, params.attachment));
    const { path, expiresAt } = signLink(platform, organisationId, attachment.id);
    return { path, expiresAt: expiresAt.toISOString() };
  });
  const linkSchema = z.object({ organisation: idSchema('Organisation'), attachment: idSchema('Attachment') });
  const signedSchema = z.object({ until: z.string().regex(/^\d{13}$/), signature: z.string().max(100) });
  http.fastify.get('/v1/messages/files/:organisation/:attachment', async (request, reply) => {
    const params = linkSchema.safeParse(request.params);
    const query = signedSchema.safeParse(request.query);
    if (!params.success || !query.success) throw fail('attachment-not-found', 'This link is not valid, or no longer.');
    const { organisation, attachment: id } = params.data;
    const expiresAt = new Date(Number(query.data.until));
    checkLink(platform, { organisationId: organisation, attachment: id, expiresAt }, query.data.signature);
    const attachment = await platform.db.transaction(organisation, (tx) => getAttachment(tx, id));
    // Downloaded, never shown: what a stranger sent does not run in this server's name.
    reply.headers({
      'content-type': 'application/octet-stream',
      'content-disposition': disposition(attachment.name ?? ''),
      'content-length': String(attachment.bytes),
      'content-security-policy': "default-src 'none'; sandbox",
    });
    return reply.send(Readable.from(platform.files.read(attachment.path)));
  });
}

/** RFC 6266: the name for old programs in ASCII, for the others as it is. */
function disposition(name: string): string {
  const plain = name.replaceAll(/[^\w. -]/g, '_').trim() || 'attachment';
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name || 'attachment').replaceAll("'", '%27')}`;
}

/** Where providers deliver mail to. Bodies are signed as they are, so they are not parsed before. */
function registerDoor(http: HttpServer, platform: Platform): void {
  const doorSchema = z.object({ organisation: idSchema('Organisation'), mailbox: idSchema('Mailbox') });
  const doorOf = (request: FastifyRequest) => {
    const params = doorSchema.safeParse(request.params);
    if (!params.success) throw fail('mail-refused', 'No mailbox here takes mail signed like this.');
    return params.data;
  };
  http.fastify.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_MAIL_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    const options = {
      bodyLimit: MOST_MAIL_BYTES,
      config: { answersOtherSites: true as const },
      async onRequest(request: FastifyRequest) {
        const { organisation, mailbox } = doorOf(request);
        await admitMail(platform, organisation, mailbox);
      },
    };
    door.post('/v1/messages/in/:organisation/:mailbox', options, async (request, reply) => {
      const { organisation, mailbox } = doorOf(request);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const isNew = await receiveMail(platform, organisation, mailbox, { headers: singleHeaders(request), body });
      return reply.status(202).send({ taken: isNew });
    });
  });
}

function singleHeaders({ headers }: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? undefined : value]),
  );
}

function shownMailbox(organisationId: string, mailbox: MailboxRow): z.input<typeof contract.mailboxSchema> {
  const { id, kind, name, mailAddress, enabled, subaddressing, imap, scheme, lastFour, error } = mailbox;
  const { earlierUntil, failingSince, readAt, receivedAt, probeSentAt, probeTakenAt, createdAt } = mailbox;
  const path = `/v1/messages/in/${organisationId}/${id}`;
  const webhook =
    scheme === null ? null : { scheme, path, lastFour: lastFour ?? '', earlierUntil: inIso(earlierUntil) };
  return {
    id,
    kind,
    name,
    mailAddress,
    enabled,
    subaddressing,
    imap,
    webhook,
    state: stateOf(mailbox),
    error,
    failingSince: inIso(failingSince),
    readAt: inIso(readAt),
    receivedAt: inIso(receivedAt),
    probe: { sentAt: inIso(probeSentAt), takenAt: inIso(probeTakenAt) },
    createdAt: createdAt.toISOString(),
  };
}

function shownThread(thread: ThreadRow): z.input<typeof contract.threadSchema> {
  return {
    ...thread,
    openedAt: thread.openedAt.toISOString(),
    lastMailAt: thread.lastMailAt.toISOString(),
    purgedAt: inIso(thread.purgedAt),
  };
}

/** For how long attachments are kept: as Kept's own policy says (`own/policy.yaml`). */
const ATTACHMENT_DAYS = 90;
const DAY_MS = 24 * 60 * 60_000;

function shownMail(mail: ShownMail): z.input<typeof contract.mailSchema> {
  return {
    ...mail,
    to: [...mail.to],
    defects: [...mail.defects],
    receivedAt: mail.receivedAt.toISOString(),
    datedAt: inIso(mail.datedAt),
    purgedAt: inIso(mail.purgedAt),
    attachments: mail.attachments.map((attachment) => ({
      id: attachment.id,
      name: attachment.name,
      mediaType: attachment.mediaType,
      bytes: attachment.bytes,
      sha256: attachment.sha256.toString('hex'),
      expiresAt: new Date(attachment.receivedAt.getTime() + ATTACHMENT_DAYS * DAY_MS).toISOString(),
      available: attachment.path !== null,
    })),
  };
}

function inIso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
