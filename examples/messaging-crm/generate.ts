import { attachments, messages, threads } from './conversations.ts';
import { accounts, contacts, type GenerateOptions, leads, operators } from './people.ts';
import {
  accountingRecords,
  auditLog,
  auditPartitions,
  invoices,
  metricDays,
  metricHits,
  oauthTokens,
  type Partition,
  tokenKeys,
  webhookDeliveries,
} from './records.ts';

/** Rows of one table, named as its columns. Instants are Dates, everything else plain JSON. */
export interface Table {
  readonly name: string;
  /** About how many, for progress. */
  readonly expected: number;
  readonly rows: Iterable<object>;
}

export interface Generated {
  readonly auditPartitions: readonly Partition[];
  /** In an order in which parents come first. Rows are made while they are read. */
  readonly tables: readonly Table[];
  /** Paths on the media volume with their sizes. */
  readonly attachments: () => Iterable<{ readonly path: string; readonly bytes: number }>;
}

/** The whole product database of Maré. The same seed, instant and scale give the same data, to the byte. */
export function generate(options: GenerateOptions): Generated {
  const talk = threads(options);
  const lines = talk.reduce((sum, thread) => sum + thread.lines, 0);
  const files = () => attachments(options, messages(options, talk));
  const listed = (name: string, rows: readonly object[]): Table => ({ name, expected: rows.length, rows });
  const made = (name: string, expected: number, rows: Iterable<object>): Table => ({ name, expected, rows });
  const { scale } = options;
  return {
    auditPartitions: auditPartitions(options),
    attachments: files,
    tables: [
      listed('account', accounts(options)),
      made('operator', 250, operators(options)),
      listed('contact', contacts(options)),
      listed(
        'conversation',
        talk.map((thread) => thread.conversation),
      ),
      made('message', lines, messages(options, talk)),
      made('attachment', lines / 70, files()),
      made('lead', 5_000 * scale, leads(options)),
      listed('token_key', tokenKeys(options)),
      made('oauth_token', 140, oauthTokens(options)),
      listed('invoice', invoices(options)),
      made('accounting_record', 2_260 * scale, accountingRecords(options)),
      made('audit_log', 60_000 * scale, auditLog(options)),
      made('webhook_delivery', 24_000 * scale, webhookDeliveries(options)),
      made('metric_hit', 20_000 * scale, metricHits(options)),
      made('metric_daily', 2_880, metricDays(options)),
    ],
  };
}
