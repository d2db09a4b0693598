import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where Debian, Ubuntu and macOS put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Quiet: a browser under test calls nobody. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const desk = { width: 1280, height: 860 } as const;
export const phone = { width: 390, height: 844 } as const;

/** A server to open pages of, and the link that signs in to it; without one, nobody is. */
interface Server {
  readonly server: { readonly address: string };
  signInLink?(): Promise<string>;
  /** Where else its pages lead: the identity provider. */
  readonly elsewhere?: string;
}

/** A real Chromium that is signed in to the server. */
export interface TestBrowser {
  /** A page of a context of its own, signed in; what its console complains about makes `close` fail. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

export async function openBrowser(example: Server): Promise<TestBrowser> {
  const executablePath = places.find((place) => existsSync(place));
  assert.ok(executablePath !== undefined, 'the tests of the console need Chromium');
  const browser = await chromium.launch({ executablePath, args: flags });
  const storageState = await signIn(browser, example.signInLink);
  const complaints: string[] = [];
  return {
    async open(path, options = {}) {
      const context = await browser.newContext({ viewport: desk, locale: 'en-GB', storageState, ...options });
      await context.setDefaultTimeout(60_000);
      watch(context, [new URL(example.server.address).origin, example.elsewhere], complaints);
      const page = await context.newPage();
      await page.goto(`${example.server.address}${path}`);
      return page;
    },
    async close() {
      await browser.close();
      assert.deepEqual(complaints, [], 'the pages threw nothing, broke no policy and asked no other host');
    },
  };
}

/** Opens the link that the demonstration prints, as the owner would, and keeps the session's cookie. */
async function signIn(browser: Browser, makeLink: Server['signInLink']) {
  if (makeLink === undefined) return { cookies: [], origins: [] };
  const url = await makeLink();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForURL('**/policy');
  const state = await context.storageState();
  await context.close();
  return { ...state, origins: [] };
}

/** Notes exceptions, refused resources (a breach of the content security policy is told there) and foreign requests. */
function watch(context: BrowserContext, origins: readonly (string | undefined)[], complaints: string[]): void {
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`));
  context.on('console', (message) => {
    const text = message.text();
    // An answer of 4xx is told there, too; whether it was right is for each test to say.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
  });
  context.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) complaints.push(`asked ${request.url()}`);
  });
}

/** Zero violations of axe, and nothing that sticks out sideways. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(told, [], where);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${where} sticks out by ${overflow} px`);
}

/** Waits until nothing on the page says that it is still being fetched. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(
    () => !/Fetching|Buscando|Checking the proof/.test(document.querySelector('main')?.textContent ?? ''),
  );
}

/** What stands behind the host of a link. */
export function pathOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return `${pathname}${hash}`;
}

/** Presses Tab until the field with a label has the focus. */
export async function tabTo(page: Page, label: string): Promise<void> {
  for (let steps = 0; steps < 30; steps += 1) {
    await page.keyboard.press('Tab');
    if (await page.getByLabel(label).evaluate((field) => field === document.activeElement)) return;
  }
  assert.fail(`${label} can be reached by keyboard`);
}
