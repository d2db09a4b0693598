import { linkPages } from './contract.ts';
import type { Access } from './open-access.ts';

/**
 * The page of the console that takes a token. The token stands behind a `#`, where no server and no log sees it. The
 * address never comes from a request: its `Host` is whatever the caller says, and the link goes to somebody else.
 */
export function linkAddress(access: Access, page: keyof typeof linkPages, token: string): string {
  return `${access.platform.config.publicUrl ?? access.listening.at}${linkPages[page]}#${token}`;
}
