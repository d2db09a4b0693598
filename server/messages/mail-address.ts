/**
 * Whether mail can be sent to this address: one bare address, nothing around it. Narrower than RFC 5321 on purpose
 * (no quoted local parts, no address literals), since every character that structures a header is one to inject with.
 */
export function isMailAddress(text: string): boolean {
  if (text.length > 254 || !text.isWellFormed()) return false;
  const parts = text.split('@');
  const [local = '', domain = ''] = parts;
  return parts.length === 2 && local.length <= 64 && LOCAL.test(local) && DOMAIN.test(domain);
}

const LOCAL = /^(?!\.)(?!.*\.\.)[^\p{C}\p{Z}()<>[\]:;,\\"@]+(?<!\.)$/u;
const DOMAIN =
  /^(?=.{1,253}$)([\p{L}\p{N}]([\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?)(\.[\p{L}\p{N}]([\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?)*$/u;
