import type { Platform } from '../platform/platform.ts';
import { judgeSession, limitsFrom, type Session } from './session.ts';
import { lookUpSession, touchSession } from './session-store.ts';
import { hashToken } from './token.ts';

/** Its last use is written at most so often, so that reading does not mean writing. */
const TOUCH_MS = 60_000;

/** The session of a token, unless it is past its limits; its use moves the idle limit on. */
export async function findSession({ db, clock }: Platform, token: string): Promise<Session | undefined> {
  const at = clock.now();
  const row = await lookUpSession(db, hashToken(token), at);
  const session = row === undefined ? undefined : judgeSession(row, at);
  if (session !== undefined && at.getTime() - session.seenAt.getTime() >= TOUCH_MS) {
    const { idleAt } = limitsFrom(session.createdAt, at, session.belonging);
    await db.globalTransaction((tx) => touchSession(tx, session.tokenHash, idleAt));
  }
  return session;
}
