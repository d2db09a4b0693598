import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Config } from './config.ts';
import { failuresOf } from './failure.ts';
import { type KeyEncryptionKey, sealProblems } from './kms.ts';
import type { KeyReference } from './kms-reference.ts';
import { type Outbound, openOutbound } from './outbound.ts';
import type { OutboundRequest } from './outbound-exchange.ts';

const fail = failuresOf(sealProblems);
type VaultReference = Extract<KeyReference, { keeper: 'vault-transit' }>;

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const encryptedSchema = z.object({
  data: z.object({ ciphertext: z.string().startsWith('vault:'), key_version: z.number().int().optional() }),
});
const decryptedSchema = z.object({ data: z.object({ plaintext: z.base64() }) });
const errorsSchema = z.object({ errors: z.array(z.string()) });

/**
 * A key of the transit secrets engine of HashiCorp Vault or OpenBao, of a type with associated data (`aes256-gcm96`).
 * The token is read anew for every request where it stands in a file, which an agent may write anew.
 */
export function openVaultKey(reference: VaultReference, config: Config['vault']): KeyEncryptionKey {
  const { address, mount, key } = reference;
  const name = `vault-transit:${address}/${mount}/${key}`;
  const outbound = openOutbound({ allow: [] });
  const ask = async (act: 'encrypt' | 'decrypt', body: Readonly<Record<string, string>>): Promise<unknown> => {
    const headers = {
      'content-type': 'application/json',
      'x-vault-request': 'true',
      'x-vault-token': await tokenOf(config, name),
      ...(config.namespace !== undefined && { 'x-vault-namespace': config.namespace }),
    };
    // Redirects are not followed: one would carry the token to wherever it leads.
    const request = { method: 'POST', headers, body: JSON.stringify(body) } as const;
    const answer = await send(outbound, `${address}/v1/${mount}/${act}/${key}`, request, name);
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    const said = sayings(text);
    if (answer.status >= 500 || answer.status === 429)
      throw fail('sealing-key-unavailable', `Vault answers ${answer.status} for ${name}: ${said}`);
    throw fail('sealing-key-unusable', `Vault answers ${answer.status} for ${name}: ${said}`);
  };
  const inBase64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    keeper: 'vault-transit',
    name,
    async wrap(dataKey, context) {
      const body = { plaintext: dataKey.toString('base64'), associated_data: inBase64(context) };
      const { data } = answerAs(encryptedSchema, await ask('encrypt', body), name);
      const version = /^vault:v(\d+):/.exec(data.ciphertext)?.[1] ?? null;
      return { wrapped: Buffer.from(data.ciphertext), version };
    },
    async unwrap(wrapped, context) {
      const body = { ciphertext: wrapped.toString(), associated_data: inBase64(context) };
      const { data } = answerAs(decryptedSchema, await ask('decrypt', body), name);
      return Buffer.from(data.plaintext, 'base64');
    },
    close() {
      void outbound.close();
    },
  };
}

/** Again where Vault is sealed, elects a leader or cannot be reached for a moment. */
async function send(outbound: Outbound, url: string, request: OutboundRequest, name: string): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await outbound.fetch(url, { ...request, operator: true, timeoutMs: TIMEOUT_MS });
      if (answer.status < 500 || attempt === ATTEMPTS) return answer;
    } catch (cause) {
      if (attempt === ATTEMPTS) throw fail('sealing-key-unavailable', `Vault does not answer for ${name}.`, { cause });
    }
    await sleep(100 * 2 ** attempt);
  }
}

async function tokenOf({ token, tokenFile }: Config['vault'], name: string): Promise<string> {
  if (token !== undefined) return token;
  if (tokenFile === undefined)
    throw fail('sealing-key-unusable', `${name} needs KEPT_VAULT_TOKEN or KEPT_VAULT_TOKEN_FILE.`);
  try {
    return (await readFile(tokenFile, 'utf8')).trim();
  } catch (cause) {
    throw fail('sealing-key-unusable', `${tokenFile} cannot be read.`, { cause });
  }
}

function answerAs<Shape>(schema: z.ZodType<Shape>, answer: unknown, name: string): Shape {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw fail('sealing-key-unusable', `What answers for ${name} is no Vault.`);
  return parsed.data;
}

/** What Vault says is wrong. It never repeats what it was sent. */
function sayings(text: string): string {
  try {
    const parsed = errorsSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.errors.join('; ').slice(0, 300) : 'no reason';
  } catch {
    return 'no reason';
  }
}
