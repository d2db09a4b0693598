import { z } from 'zod';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { changeSender, readSender } from './change-sender.ts';
import * as contract from './contract.ts';
import { publicState } from './find-message.ts';
import { listMessages } from './list-messages.ts';
import { linksLeadTo } from './opt-out-link.ts';
import { registerOptOutRoutes } from './opt-out-routes.ts';
import { previewMessage } from './preview-message.ts';
import { isResendable, readMessage } from './read-message.ts';
import { resendMessage } from './resend-message.ts';
import { checkFigures, sendableTemplate, sendMessage } from './send-message.ts';
import { senderInWords, senderOf } from './sender.ts';
import * as senderContract from './sender-contract.ts';
import type { SenderRecord } from './sender-store.ts';
import type { MessageRecord } from './store.ts';
import { allTemplates, type MailTemplate } from './templates.ts';

/** Serves everything about mail that goes out. */
export function registerMessagesRoutes(http: HttpServer, platform: Platform): void {
  if (platform.config.publicUrl === undefined)
    http.fastify.addHook('onListen', async () => {
      linksLeadTo(platform).at = http.fastify.listeningOrigin;
    });
  serveLog(http, platform);
  serveTemplates(http, platform);
  serveSender(http, platform);
  registerOptOutRoutes(http, platform);
}

function serveLog(http: HttpServer, platform: Platform): void {
  const { mailFrom } = platform.config;
  http.route(contract.listMessages, async ({ caller, query }) => {
    const page = await platform.db.transaction(caller.organisationId, (tx) => listMessages(tx, filterOf(query)));
    return { items: page.items.map(shown), next: page.next };
  });
  http.route(contract.searchMessages, async ({ caller, body }) => {
    const page = await platform.db.transaction(caller.organisationId, (tx) =>
      listMessages(tx, { ...filterOf(body), recipient: body.recipient }),
    );
    return { items: page.items.map(shown), next: page.next };
  });
  http.route(contract.readMessage, async ({ caller, params }) => {
    const whole = await platform.db.transaction(caller.organisationId, (tx) => readMessage(tx, params.message));
    return {
      ...shown(whole.record),
      recipient: whole.recipient === '' ? null : whole.recipient,
      from: senderInWords(senderOf(mailFrom, whole.fromName)),
      replyTo: whole.replyTo,
      subject: whole.subject,
      text: whole.text,
      html: whole.html,
      sealed: whole.record.isSealed,
      messageId: whole.messageId,
      resendable: isResendable(whole),
    };
  });
  http.route(contract.resendMessage, async ({ caller, params, body }) => {
    const { organisationId, actor } = caller;
    const order = { to: body.to, mailFrom, actor };
    return shown(await platform.db.transaction(organisationId, (tx) => resendMessage(tx, params.message, order)));
  });
  http.route(contract.sendMessage, async ({ caller, body }) => {
    const { organisationId, actor } = caller;
    return shown(await platform.db.transaction(organisationId, (tx) => sendMessage(tx, { ...body, actor })));
  });
}

function serveTemplates(http: HttpServer, platform: Platform): void {
  const { mailFrom } = platform.config;
  http.route(contract.listTemplates, async () => ({ items: allTemplates().map(shownTemplate) }));
  http.route(contract.previewTemplate, ({ caller, query }) =>
    platform.db.transaction(caller.organisationId, (tx) => previewMessage(tx, { ...query, mailFrom })),
  );
  http.route(contract.previewMessage, ({ caller, body }) => {
    checkFigures(sendableTemplate(body.template), body.figures);
    return platform.db.transaction(caller.organisationId, (tx) => previewMessage(tx, { ...body, mailFrom }));
  });
}

function serveSender(http: HttpServer, platform: Platform): void {
  const shownSender = ({ fromName, replyTo, changedAt }: SenderRecord) => ({
    fromName,
    replyTo,
    from: senderInWords(senderOf(platform.config.mailFrom, fromName)),
    changedAt: changedAt?.toISOString() ?? null,
  });
  http.route(senderContract.readSender, async ({ caller }) =>
    shownSender(await platform.db.transaction(caller.organisationId, readSender)),
  );
  http.route(senderContract.changeSender, async ({ caller, body }) => {
    const { organisationId, actor } = caller;
    return shownSender(await platform.db.transaction(organisationId, (tx) => changeSender(tx, { ...body, actor })));
  });
}

interface Filter {
  readonly queuedFrom?: string | undefined;
  readonly queuedBefore?: string | undefined;
}

function filterOf<Asked extends Filter>(asked: Asked) {
  const { queuedFrom, queuedBefore } = asked;
  return {
    ...asked,
    queuedFrom: queuedFrom === undefined ? undefined : new Date(queuedFrom),
    queuedBefore: queuedBefore === undefined ? undefined : new Date(queuedBefore),
  };
}

function shown(message: MessageRecord) {
  return {
    ...message,
    state: publicState(message),
    queuedAt: message.queuedAt.toISOString(),
    nextAttemptAt: message.nextAttemptAt?.toISOString() ?? null,
    sentAt: message.sentAt?.toISOString() ?? null,
    bouncedAt: message.bouncedAt?.toISOString() ?? null,
    failedAt: message.failedAt?.toISOString() ?? null,
    purgedAt: message.purgedAt?.toISOString() ?? null,
  };
}

const documentSchema = z.record(z.string(), z.json());

function shownTemplate({ name, category, sendable, holdsSecret }: MailTemplate) {
  return {
    name,
    category,
    sendable: sendable !== undefined,
    holdsSecret: holdsSecret === true,
    figures: sendable === undefined ? null : documentSchema.parse(z.toJSONSchema(sendable, { io: 'input' })),
  };
}
