/** A column whose values are sealed. */
export interface SealedPlace {
  /** `schema.table` and column. */
  readonly table: string;
  readonly column: string;
  /** What its values were sealed for, as `seal.close` was told. */
  readonly purpose: string;
  /** The column whose value, as text, they were sealed for. */
  readonly id: string;
  /** Whether the table is the server's, or each organisation's behind its wall. */
  readonly reach: 'server' | 'organisation';
  /** How they are written. */
  readonly form: 'octets' | 'base64';
  /** A boolean column that says which rows are sealed; absent: all. */
  readonly where?: string;
  /**
   * Whether they are sealed anew once there is a newer key. Not worth it for content that is sealed since it may speak
   * of people, and ends by itself.
   */
  readonly isRenewed: boolean;
}

const secret = { id: 'id', reach: 'organisation', form: 'octets', isRenewed: true } as const;
const content = { ...secret, isRenewed: false } as const;
const totp = { ...secret, table: 'access.totp', purpose: 'totp', id: 'person_id', reach: 'server' } as const;
const mail = { ...content, table: 'messages.message', purpose: 'mail', form: 'base64', where: 'sealed' } as const;

/**
 * Every place in Kept's own database where something sealed stands. Whoever adds a column adds it here: its name begins
 * or ends with `sealed`, and a test compares.
 */
export const sealedPlaces: readonly SealedPlace[] = [
  { ...totp, column: 'sealed_secret' },
  { ...totp, column: 'sealed_pending' },
  { ...secret, table: 'access.provider', column: 'sealed_secret', purpose: 'provider' },
  { ...mail, column: 'body_text' },
  { ...mail, column: 'body_html' },
  { ...secret, table: 'messages.mailbox', column: 'sealed_secret', purpose: 'mailbox' },
  { ...secret, table: 'messages.mailbox', column: 'earlier_sealed_secret', purpose: 'mailbox' },
  { ...secret, table: 'webhooks.subscription_secret', column: 'sealed', purpose: 'webhook-secret' },
  { ...secret, table: 'webhooks.endpoint_secret', column: 'sealed_secret', purpose: 'webhook-endpoint-secret' },
  { ...content, table: 'webhooks.received', column: 'sealed_headers', purpose: 'webhook-headers' },
  { ...content, table: 'webhooks.received', column: 'sealed_body', purpose: 'webhook-body' },
];
