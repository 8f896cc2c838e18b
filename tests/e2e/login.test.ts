import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServingApp } from '../../serving/app.ts';
import { bearer, makeKey, writeKeys } from '../helpers/access-keys.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import {
  createModelRepository,
  type ModelRepository,
  pumpkins,
} from '../helpers/model-repository.ts';
import { photoOf } from '../helpers/photos.ts';
import { serveModels } from '../helpers/serve-models.ts';

const stand = makeKey('farm-stand');
const pickers = makeKey('pickers', { scopes: ['predict', 'feedback'] });
const prometheus = makeKey('prometheus', { scopes: ['metrics'] });
/** Where pictures of the page go, if somebody wants to look at them. */
const pictures = process.env.MAINSTEM_PICTURES;

let repository: ModelRepository;
let serving: ServingApp;
let browser: Browser;
let page: Page;
let url: string;
/** What must stay empty: complaints of the browser, but for answers that were refused on purpose. */
let complaints: string[];

describe.skipIf(!chromiumPath)('the login, in Chromium', () => {
  beforeAll(async () => {
    repository = await createModelRepository(pumpkins);
    await writeKeys(repository.root, stand, pickers, prometheus);
    serving = await serveModels(repository.root);
    url = await serving.app.listen({ host: '127.0.0.1', port: 0 });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await serving.app.close();
    await repository.remove();
  });
  beforeEach(async () => {
    await page?.context().close();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      const text = message.text();
      if (!/status of 40[13]/.test(text) && message.type() === 'error') complaints.push(text);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.locator('#login').waitFor();
  });

  const logIn = async (key: string) => {
    await page.getByLabel('Key').fill(key);
    await page.getByRole('button', { name: 'Log in' }).click();
  };
  const choose = async () => {
    // Before that there is nobody who would notice the choice.
    await page.locator('#photos').waitFor();
    const buffer = await photoOf('good');
    await page.locator('#pick').setInputFiles([{ name: 'a.jpg', mimeType: 'image/jpeg', buffer }]);
    await page.locator('.answer:not([data-state=waiting])').waitFor();
  };
  const picture = async (name: string) => {
    if (pictures === undefined) return;
    await mkdir(pictures, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };

  test('a visitor sees the login and nothing else, and the keyboard is in it', async () => {
    expect(await page.locator('h1').textContent()).toBe('Log in');
    expect(await page.locator('#photos').isVisible()).toBe(false);
    expect(await page.locator('#made').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('key');
    await picture('login');
    expect(complaints).toEqual([]);
  });

  test('a wrong key is refused in words, and the right one then lets in', async () => {
    await logIn(makeKey('x').text);
    await page.getByText('I do not know this key').waitFor();
    await picture('refused');
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    expect(await page.locator('h1').textContent()).toBe(pumpkins.page.title);
    expect(await page.locator('#who').textContent()).toContain('Logged in as farm-stand');
    expect(await page.locator('#login').isVisible()).toBe(false);
    await choose();
    expect(await page.locator('.verdict').textContent()).toBe('good');
    await picture('logged-in');
    expect(complaints).toEqual([]);
  });

  test('the login lasts when the page is loaded again, and no script can read it', async () => {
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    await page.reload();
    await page.locator('#made').waitFor();
    expect(await page.locator('#login').isVisible()).toBe(false);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'mainstem', httpOnly: true, sameSite: 'Strict' });
    const readable = await page.evaluate(() => [
      document.cookie,
      JSON.stringify({ ...localStorage, ...sessionStorage }),
      document.documentElement.outerHTML,
    ]);
    expect(readable.join()).not.toContain(stand.text);
    expect(readable[0]).toBe('');
  });

  test('logging out asks for a key again, and the cookie is gone', async () => {
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.locator('#login').waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  test('corrections are offered to those who may send them', async () => {
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    await choose();
    expect(await page.getByRole('button', { name: 'This is wrong' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.locator('#login').waitFor();
    await logIn(pickers.text);
    await page.locator('#made').waitFor();
    await choose();
    await page.getByRole('button', { name: 'This is wrong' }).click();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await page.getByText('Thank you').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a key that may not predict gets a sentence about it, and can leave', async () => {
    await logIn(prometheus.text);
    await page.getByText('Your key does not allow this').waitFor();
    await picture('not-allowed');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.locator('#login').waitFor();
  });

  test('whoever has logged in sees the API documentation', async () => {
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    await page.goto(`${url}/docs`);
    await page
      .getByText(/^\/models\/[a-z-]+\/predict$/)
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  test('a page of another site reaches nothing with the visitor’s cookie', async () => {
    await logIn(pickers.text);
    await page.locator('#made').waitFor();
    const unknown = async () => {
      const headers = bearer(prometheus.text);
      const text = await (await fetch(`${url}/metrics`, { headers })).text();
      return Number(/outcome="missing"} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await unknown();
    // Another host name of this machine is another site.
    const site = createServer((_, response) => response.end('<!doctype html>')).listen(
      0,
      '127.0.0.1',
    );
    await once(site, 'listening');
    const address = site.address();
    const other = await page.context().newPage();
    await other.goto(`http://localhost:${typeof address === 'object' ? address?.port : 0}/`);
    const outcome = await other.evaluate(
      (target) =>
        fetch(`${target}/models`, { credentials: 'include', mode: 'no-cors' }).then(
          () => 'answered',
          () => 'blocked',
        ),
      url,
    );
    expect(outcome).toBe('blocked');
    expect(await unknown()).toBe(before + 1);
    site.close();
    await other.close();
  });

  test('nothing is wider than a narrow phone', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    expect(await overflow()).toBe(0);
    await logIn(stand.text);
    await page.locator('#made').waitFor();
    expect(await overflow()).toBe(0);
  });
});
