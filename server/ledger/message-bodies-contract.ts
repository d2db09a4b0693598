import { z } from 'zod';
import { bodyOf, codeOf, countOf, exampleId, idOf, instantOf, oneOf, otherExampleId } from './body-contract.ts';

const message = idOf('Message', 'The message');
const template = codeOf('What kind of message');
const channel = oneOf(['mail'], 'The way it took');
const optOut = idOf('OptOut', 'The opt-out');
const via = oneOf(['one-click', 'page', 'api', 'event', 'reply'], 'How they said so');
const mailbox = idOf('Mailbox', 'The mailbox');
const thread = idOf('Thread', 'The thread');
const mail = idOf('Mail', 'The mail');

/** Bodies of the entries about what comes in and goes out: messages, mail and events. */
export const messageBodies = {
  'event.received': bodyOf(
    { event: idOf('InboxEvent', 'The event'), type: codeOf('Its type') },
    { event: exampleId, type: 'grant.revoked' },
  ),
  'message.sent': bodyOf(
    { message, template, channel },
    { message: exampleId, template: 'contract-end-confirmation', channel: 'mail' },
  ),
  'message.failed': bodyOf(
    { message, template, channel, reason: codeOf('Why') },
    { message: exampleId, template: 'contract-end-confirmation', channel: 'mail', reason: 'gave-up' },
  ),
  'message.ordered': bodyOf({ message, template }, { message: exampleId, template: 'service-message' }),
  'message.bounced': bodyOf(
    { message, template, channel, code: codeOf('What the server said, as its code; null without one').nullable() },
    { message: exampleId, template: 'billing-alert', channel: 'mail', code: '5.1.1' },
  ),
  'message.resent': bodyOf(
    { message, template, corrected: z.boolean().describe('Whether it goes to another address') },
    { message: exampleId, template: 'contract-end-confirmation', corrected: true },
  ),
  'message.opted-out': bodyOf({ optOut, via }, { optOut: exampleId, via: 'one-click' }),
  'message.opted-in': bodyOf({ optOut, via }, { optOut: exampleId, via: 'page' }),
  'message.sender-changed': bodyOf(
    { fields: z.array(oneOf(['fromName', 'replyTo'], 'A field')).describe('What was changed') },
    { fields: ['fromName'] },
  ),
  'mailbox.changed': bodyOf({ mailbox, act: codeOf('What was done') }, { mailbox: exampleId, act: 'added' }),
  'mailbox.failed': bodyOf(
    { mailbox, reason: codeOf('Why it cannot be read') },
    { mailbox: exampleId, reason: 'server-unreachable' },
  ),
  'mailbox.recovered': bodyOf(
    { mailbox, failingSince: instantOf('Since when it could not be read').nullable() },
    { mailbox: exampleId, failingSince: '2026-11-20T08:15:00.000Z' },
  ),
  'mail.received': bodyOf(
    {
      mail,
      thread,
      mailbox,
      kind: oneOf(
        ['mail', 'auto-reply', 'bounce', 'reply'],
        'Written by somebody, sent by a machine, the report of a failed delivery, or ours',
      ),
      opened: z.boolean().describe('Whether it began the thread'),
      attachments: countOf('Attachments'),
    },
    { mail: exampleId, thread: otherExampleId, mailbox: exampleId, kind: 'mail', opened: true, attachments: 1 },
  ),
  'thread.changed': bodyOf(
    {
      thread,
      act: codeOf('What was done'),
      mail: mail.optional(),
      message: message.optional(),
      assignee: idOf('Person', 'The member it was given to').nullable().optional(),
    },
    { thread: exampleId, act: 'answered', message: otherExampleId },
  ),
} as const;
