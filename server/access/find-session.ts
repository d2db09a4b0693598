import type { Platform } from '../platform/platform.ts';
import { judgeSession, limitsFrom, type Session } from './session.ts';
import { selectSession, touchSession } from './session-store.ts';
import { hashToken } from './token.ts';

/** Its last use is written at most so often, so that reading does not mean writing. */
const TOUCH_MS = 60_000;

/** The session of a token, unless it is past its limits; its use moves the idle limit on. */
export async function findSession(platform: Platform, token: string): Promise<Session | undefined> {
  return platform.db.globalTransaction(async (tx) => {
    const row = await selectSession(tx, hashToken(token));
    const session = row === undefined ? undefined : judgeSession(row, tx.at);
    if (session !== undefined && tx.at.getTime() - session.seenAt.getTime() >= TOUCH_MS)
      await touchSession(tx, session.tokenHash, limitsFrom(session.createdAt, tx.at, session.belonging).idleAt);
    return session;
  });
}
