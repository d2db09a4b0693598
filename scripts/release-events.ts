import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEvents } from '../server/webhooks/catalogue.ts';
import { lossesIn, readReleased, writeReleased } from '../server/webhooks/compare-events.ts';

/**
 * Run at a release: from then on the events of now are promised to receivers, and `catalogue.test.ts` fails on what
 * would break them. What was promised before stays promised.
 */
const file = join(import.meta.dirname, '..', 'server', 'webhooks', 'testdata', 'released-events.jsonl');
const kinds = describeEvents();
const losses = lossesIn(readReleased(readFileSync(file, 'utf8')), kinds);
if (losses.length > 0) {
  console.error(`Receivers of earlier releases would miss this:\n${losses.join('\n')}`);
  process.exitCode = 1;
} else {
  writeFileSync(file, writeReleased(kinds));
  console.log(`${kinds.length} kinds of events are released.`);
}
