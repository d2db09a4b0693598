/** What stands behind the plus of an address that answers of a thread go to. */
const PREFIX = 't-';

/** `dpo@mare.example` → `dpo+t-1f…@mare.example`. */
export function threadAddress(mailAddress: string, token: string): string {
  const at = mailAddress.lastIndexOf('@');
  return `${mailAddress.slice(0, at)}+${PREFIX}${token}${mailAddress.slice(at)}`;
}

/** Tokens of threads that stand in any of these addresses, ten at most. */
export function tokensIn(addresses: readonly string[]): string[] {
  const tokens = addresses.flatMap((address) => /\+t-([0-9a-f]{20})@/i.exec(address)?.[1]?.toLowerCase() ?? []);
  return [...new Set(tokens)].slice(0, 10);
}
