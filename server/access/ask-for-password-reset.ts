import { z } from 'zod';
import { newId } from '../platform/ids.ts';
import { linkAddress } from './link-address.ts';
import type { Access } from './open-access.ts';
import { selectPersonByEmail } from './person-store.ts';
import { hashToken, newToken } from './token.ts';
import { insertToken, takeToken, voidTokens } from './token-store.ts';

const RESET_MS = 60 * 60_000;
/** How long the question itself waits for the task that answers it. */
const QUESTION_MS = 24 * 60 * 60_000;

export const SEND_RESET = 'access.send-reset';
/** Names the question by its id: the address stands in the database only. */
export const sendResetPayload = z.object({ question: z.string() });

/**
 * Takes the wish for a new password down; a task looks whether there is such a person and sends the link. So what the
 * answer takes is the same for everybody, known or not.
 */
export async function askForPasswordReset(access: Access, email: string): Promise<void> {
  const { platform } = access;
  const question = newToken();
  await platform.db.globalTransaction(async (tx) => {
    await insertToken(tx, {
      hash: hashToken(question.text),
      kind: 'password-reset',
      email,
      expiresAt: new Date(tx.at.getTime() + QUESTION_MS),
    });
    await platform.tasks.enqueue(tx, SEND_RESET, { question: question.text });
  });
}

/** Sends the link for a new password, which works once within an hour, if there is a person with that address. */
export async function sendReset(access: Access, task: z.infer<typeof sendResetPayload>): Promise<void> {
  const { platform, ownOrganisationId } = access;
  const token = newToken();
  await platform.db.transaction(ownOrganisationId, async (tx) => {
    const question = await takeToken(tx, hashToken(task.question), ['password-reset']);
    // Taken before: a task may run twice.
    if (question?.email == null) return;
    const person = await selectPersonByEmail(tx, question.email);
    if (person === undefined) return;
    const expiresAt = new Date(tx.at.getTime() + RESET_MS);
    await voidTokens(tx, { kind: 'password-reset', personId: person.id });
    await insertToken(tx, {
      hash: token.hash,
      kind: 'password-reset',
      personId: person.id,
      email: person.email,
      expiresAt,
    });
    await access.queueMail(tx, {
      template: 'password-reset',
      to: person.email,
      language: person.language,
      figures: {
        name: person.name,
        url: linkAddress(access, 'password-reset', token.text),
        expiresAt: expiresAt.toISOString(),
      },
      idempotencyKey: `password-reset:${newId(tx.at)}`,
    });
  });
}
