import type { KMSClient } from '@aws-sdk/client-kms';
import { failuresOf } from './failure.ts';
import { type KeyEncryptionKey, sealProblems } from './kms.ts';
import type { KeyReference } from './kms-reference.ts';

const fail = failuresOf(sealProblems);
type AwsReference = Extract<KeyReference, { keeper: 'aws-kms' }>;

/** What only another moment mends; everything else is a no. */
const PASSING = new Set(['DependencyTimeoutException', 'KMSInternalException', 'ThrottlingException', 'TimeoutError']);

/**
 * A symmetric key of AWS KMS. Credentials are found as the SDK finds them: environment, profile, role of the machine.
 * The SDK is loaded with the first use.
 */
export async function openAwsKey(reference: AwsReference): Promise<KeyEncryptionKey> {
  const { KMSClient, EncryptCommand, DecryptCommand } = await import('@aws-sdk/client-kms');
  const { arn: KeyId, region, endpoint } = reference;
  const client: KMSClient = new KMSClient({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...(endpoint !== null && { endpoint }),
  });
  const contextOf = (context: string) => ({ 'kept:what': context });
  return {
    keeper: 'aws-kms',
    name: `aws-kms:${KeyId}`,
    async wrap(dataKey, context) {
      const { CiphertextBlob } = await asking(KeyId, () =>
        client.send(new EncryptCommand({ KeyId, Plaintext: dataKey, EncryptionContext: contextOf(context) })),
      );
      if (CiphertextBlob === undefined) throw fail('sealing-key-unusable', `${KeyId} wrapped nothing.`);
      return { wrapped: Buffer.from(CiphertextBlob), version: null };
    },
    async unwrap(wrapped, context) {
      const { Plaintext } = await asking(KeyId, () =>
        client.send(new DecryptCommand({ KeyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(context) })),
      );
      if (Plaintext === undefined) throw fail('sealing-key-unusable', `${KeyId} unwrapped nothing.`);
      return Buffer.from(Plaintext);
    },
    close: () => client.destroy(),
  };
}

async function asking<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
  const { KMSServiceException } = await import('@aws-sdk/client-kms');
  try {
    return await ask();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    const isAnswer = cause instanceof KMSServiceException && !PASSING.has(name) && cause.$fault === 'client';
    const isCredential = name === 'CredentialsProviderError';
    if (isAnswer || isCredential) throw fail('sealing-key-unusable', `AWS KMS: ${name} for ${key}.`, { cause });
    throw fail('sealing-key-unavailable', `AWS KMS does not answer for ${key} (${name}).`, { cause });
  }
}
