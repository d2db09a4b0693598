import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fixedClock } from '../platform/clock.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { composeMail } from './compose-mail.ts';
import { queueMail } from './queue-mail.ts';
import { registerMessagesRoutes } from './routes.ts';
import { registerTemplate, templateNamed } from './templates.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const opened = await openTestPlatform({ clock });
const { platform, newOrganisation } = opened;
let { organisationId } = opened;
const http = openHttp(platform, async () => ({ organisationId, actor: { kind: 'person', id: 'p' }, language: 'en' }));
registerMessagesRoutes(http, platform);
after(async () => {
  await http.close();
  await opened.close();
});
registerTemplate({
  name: 'test-hello',
  category: 'transactional',
  sample: null,
  render: (language) => composeMail(language, { subject: 'Hello Ana', blocks: [], footer: 'Maré' }),
});

test('messages are listed newest first, page by page, without addresses and contents', async () => {
  const ids: string[] = [];
  for (const to of ['ana@example.org', 'bia@example.org', 'no address']) {
    clock.advance(1000);
    const order = { template: 'test-hello', to, language: 'es' as const, figures: {}, idempotencyKey: `k:${to}` };
    ids.unshift(await platform.db.transaction(organisationId, (tx) => queueMail(tx, order)));
  }
  const get = async (query: string) => {
    const answer = await http.fastify.inject({ url: `/v1/messages${query}` });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.doesNotMatch(answer.body, /example\.org|Hello|no address/);
    return answer.json();
  };
  const { items, next } = await get('');
  assert.deepEqual(
    items.map((item: Record<string, unknown>) => [item['id'], item['state'], item['reason']]),
    [
      [ids[0], 'failed', 'address-invalid'],
      [ids[1], 'queued', null],
      [ids[2], 'queued', null],
    ],
  );
  assert.equal(next, null);
  const first = await get('?limit=2');
  assert.equal(first.next, ids[1]);
  assert.deepEqual((await get(`?limit=2&after=${first.next}`)).items[0].id, ids[2]);
  assert.equal((await get('?state=queued')).items.length, 2);
  organisationId = await newOrganisation();
  assert.deepEqual(await get(''), { items: [], next: null });
});

test('two templates cannot share a name, and one nobody registered is a mistake', () => {
  const render = templateNamed('test-hello').render;
  assert.throws(
    () => registerTemplate({ name: 'test-hello', category: 'transactional', sample: null, render }),
    /two templates/,
  );
  assert.throws(() => templateNamed('test-unknown'), /no template/);
});
