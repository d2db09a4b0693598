import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { openTestAccess } from './access/test-access.ts';
import { createApp } from './app.ts';
import { previewSchema, templateSchema } from './messages/contract.ts';

/** Every template of every folder, as the whole server registers them, looked at through its preview. */
const kept = await openTestAccess({});
const app = await createApp({ config: kept.platform.config });
const address = await app.http.listen();
after(async () => {
  await app.stop();
  await kept.close();
});
const headers = {
  authorization: `Bearer ${readFileSync(join(kept.platform.config.dataDirectory, 'local.key'), 'utf8').trim()}`,
  'kept-organisation': kept.slug,
};
const languages = ['pt-BR', 'en', 'es'] as const;

async function get(path: string): Promise<unknown> {
  const answer = await fetch(`${address}/v1/messages/${path}`, { headers });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

const { items: templates } = z.object({ items: z.array(templateSchema) }).parse(await get('templates'));
const previews = await Promise.all(
  templates.flatMap(({ name }) =>
    languages.map(async (language) => previewSchema.parse(await get(`preview?template=${name}&language=${language}`))),
  ),
);

test('every template of every folder has a preview in three languages, as text and as a page', () => {
  const names = templates.map(({ name }) => name);
  for (const expected of [
    'acknowledgement',
    'announcement',
    'billing-alert',
    'contract-end-confirmation',
    'email-verification',
    'invitation',
    'new-device',
    'password-reset',
    'service-message',
  ])
    assert.ok(names.includes(expected), expected);
  assert.deepEqual(names, [...names].sort());
  assert.equal(previews.length, names.length * 3);
  for (const name of names) {
    const own = previews.filter(({ template }) => template === name);
    for (const { language, html } of own) assert.match(html, new RegExp(`^<!doctype html>\n<html lang="${language}"`));
    // What somebody wrote is sent as they wrote it.
    if (name === 'thread-reply') continue;
    assert.equal(new Set(own.map(({ text }) => text)).size, 3, `${name} is written in three languages`);
  }
});

test('what is announced can be declined in its preview, what is owed cannot, and what opens something is not sent by hand', () => {
  for (const { template, category, text, html } of previews) {
    const declinable = category === 'announcement';
    assert.equal(/\/opt-out\/[\w-]{107}/.test(text), declinable, template);
    assert.equal(/\/opt-out\/[\w-]{107}/.test(html), declinable, template);
  }
  for (const { name, sendable, holdsSecret, figures } of templates) {
    assert.ok(!(sendable && holdsSecret), name);
    assert.equal(figures === null, !sendable, name);
  }
});

test('no template loads, tracks or runs anything', () => {
  for (const { template, html } of previews) {
    assert.doesNotMatch(
      html,
      /<(?:img|script|iframe|object|embed|form|input|video|audio|link|base|style)\b/i,
      template,
    );
    assert.doesNotMatch(html, /\s(?:src|srcset|background|on\w+)=|url\(|@import|javascript:/i, template);
  }
});

test('every template is an accessible page that fits a telephone and loads nothing', async () => {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((place) =>
    existsSync(place),
  );
  assert.ok(executablePath !== undefined, 'this test needs Chromium');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const asked: string[] = [];
    await context.route('**/*', (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    const page = await context.newPage();
    for (const { template, language, html } of previews) {
      await page.setContent(html);
      if (language === languages[templates.findIndex(({ name }) => name === template) % 3])
        assert.deepEqual(await violationsOf(page), [], `${template} ${language}`);
      const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.equal(scrolls, false, `${template} ${language} fits a telephone`);
    }
    assert.deepEqual(asked, [], 'nothing was loaded');
  } finally {
    await browser.close();
  }
});

/** The languages of a template differ in their words only, so one of them is looked at closely, each time another. */
async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
