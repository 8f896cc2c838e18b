import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { keysFile } from '../../platform/schemas/access-names.ts';
import { openStore } from '../../platform/storage/index.ts';
import type { ServingApp } from '../../serving/app.ts';
import { makeKey, writeKeys } from '../helpers/access-keys.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import { addProjects, exportHere } from '../helpers/exported-page.ts';
import {
  buildRecord,
  createModelRepository,
  gourds,
  type ModelRepository,
  melons,
  prices,
  pumpkins,
} from '../helpers/model-repository.ts';
import { photoOf, watermelon } from '../helpers/photos.ts';
import { serveModels } from '../helpers/serve-models.ts';
import { type StaticSite, serveFolder } from '../helpers/static-site.ts';

/** Several browsers and servers may share a core. */
const patience = { timeout: 20_000 };

let repository: ModelRepository;
let browser: Browser;
let serving: ServingApp;
let server: string;
let context: BrowserContext;
let page: Page;
let site: StaticSite;
/** What must stay empty: complaints of the browser, and requests to anybody else. */
let complaints: string[];

const folderOf = (name: string) => join(repository.root, 'web', name);
const photo = async (name: string, colour: Parameters<typeof photoOf>[0]) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photoOf(colour),
});

describe.skipIf(!chromiumPath)('the exported page, in Chromium', () => {
  beforeAll(async () => {
    repository = await createModelRepository(gourds, prices, pumpkins, melons);
    await addProjects(repository, 'gourds', 'prices', 'pumpkins', 'melons');
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await repository.remove();
  });
  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(async () => {
    await context.close();
    await site.cut();
    expect(complaints).toEqual([]);
  });

  const open = async (name: string, to: string | null = null) => {
    await exportHere(repository, name, folderOf(name), to);
    site = await serveFolder(folderOf(name), '/farm/field/');
    await visit();
    await page.getByText('is kept on the device').waitFor();
  };
  const visit = async () => {
    await page.goto(site.url);
    await page.locator('#made').waitFor();
  };
  /** No network from now on, and the page loaded once more. */
  const cut = async () => {
    await site.cut();
    await context.setOffline(true);
    await page.reload();
    await page.locator('#made').waitFor();
  };
  const choose = async (...files: Awaited<ReturnType<typeof photo>>[]) => {
    await page.locator('#pick').setInputFiles(files);
    await page
      .locator('.answer:not([data-state=waiting])')
      .nth(files.length - 1)
      .waitFor();
    return page.locator('.verdict').allTextContents();
  };
  const startServer = async (settings: Readonly<Record<string, unknown>> = {}) => {
    serving = await serveModels(repository.root, { model: 'pumpkins', ...settings });
    server = await serving.app.listen({ host: '127.0.0.1', port: Number(settings.port ?? 0) });
    return serving;
  };
  /** The address of a server that does not run yet. */
  const reservePort = async () => {
    await startServer();
    await serving.app.close();
    return Number(new URL(server).port);
  };

  test('answers photos without a network, and refuses a watermelon in the words of the server', async () => {
    await open('pumpkins');
    await cut();
    expect(await page.title()).toBe(pumpkins.page.title);
    expect(await page.locator('#version').textContent()).toBe('0123456789ab');
    const files = [await photo('good.jpg', 'good'), await photo('melon.jpg', watermelon)];
    expect(await choose(...files)).toEqual(['good', 'I cannot say']);
    expect(await page.locator('.meaning').first().textContent()).toBe('sell it');
    expect(await page.locator('.detail').nth(1).textContent()).toBe(pumpkins.page.refusal);
    const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
    await page.locator('#pick').setInputFiles([text]);
    await page.locator('.detail', { hasText: 'This is not a photo I can open' }).waitFor();
  });

  test('asks nobody for anything but its own files, and takes no corrections without a server', async () => {
    const requests: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    await open('pumpkins');
    await choose(await photo('good.jpg', 'good'));
    const others = requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('blob:'));
    expect(others).toEqual([]);
    expect(site.asked).not.toContain('');
    expect(await page.getByRole('button', { name: 'This is wrong' }).count()).toBe(0);
  });

  test('a table has its form, and a number is answered', async () => {
    await open('gourds');
    await cut();
    await page.getByLabel('Weight').fill('9');
    await page.getByLabel('Colour').selectOption('orange');
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.locator('.answer[data-state=accepted]').waitFor();
    expect(await page.locator('.verdict').textContent()).toBe('a big one');
    await page.locator('#form').evaluate((form) => form instanceof HTMLFormElement && form.reset());
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.locator('.detail', { hasText: 'all others are missing' }).waitFor();
  });

  test('the refusal of a row names what it left blank', async () => {
    await open('melons');
    await cut();
    await page.getByLabel('Colour').selectOption('green');
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.locator('.answer[data-state=refused]').waitFor();
    expect(await page.locator('.detail').textContent()).toBe(
      'No gourd has such numbers. It may be only because of what is blank: Weight. Fill that in, if you can.',
    );
  });

  test('a regression answers with the number of the server', async () => {
    await open('prices');
    await cut();
    await page.getByLabel('Weight').fill('4');
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.locator('.answer[data-state=accepted]').waitFor();
    expect(await page.locator('.verdict').textContent()).toBe('50');
  });

  test('can be put on the home screen', async () => {
    await open('pumpkins');
    const client = await context.newCDPSession(page);
    const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
    // The test's own profile is one; nothing else may be wrong.
    const found = installabilityErrors.map(({ errorId }) => errorId);
    expect(found.filter((id) => id !== 'in-incognito')).toEqual([]);
    const { errors, data } = await client.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? '')).toMatchObject({ name: pumpkins.page.title, start_url: './' });
  });

  test('the browser blocks inline code and other hosts', async () => {
    await open('pumpkins');
    const blocked = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.body.append(script);
      return fetch('http://127.0.0.1:9/').then(
        () => 'reached',
        (error) => String(error),
      );
    });
    expect(blocked).toContain('Failed to fetch');
    expect(await page.title()).toBe(pumpkins.page.title);
    expect(complaints.join()).toContain('Content Security Policy');
    complaints = [];
  });

  test('a correction is kept without a network, survives a new start, and is sent by its digest', async () => {
    const port = await reservePort();
    await open('pumpkins', `http://127.0.0.1:${port}`);
    const { origin } = site;
    const file = await photo('wrong.jpg', [0.98, 0.56, 0.12]);
    await choose(file);
    await page.getByRole('button', { name: 'This is wrong' }).click();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await page.getByText('It is kept on this device').waitFor();
    await page.getByText('1 correction waits to be sent. The server is out of reach.').waitFor();
    complaints = complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'));
    await startServer({ port, origins: origin });
    await visit();
    await expect.poll(() => page.locator('#waiting').isHidden(), patience).toBe(true);
    const kept = await readdir(join(repository.root, '.mainstem/feedback/pumpkins/bad'));
    expect(kept).toEqual([`${hexOf(digestBytes(file.buffer))}.jpg`]);
    await visit();
    expect(await page.locator('#waiting').isHidden()).toBe(true);
    await serving.app.close();
  });

  test('a row is corrected, and of two labels of one row the last counts', async () => {
    const port = await reservePort();
    await open('gourds', `http://127.0.0.1:${port}`);
    await page.getByLabel('Weight').fill('8');
    for (const [label, time] of [
      ['a small one', 0],
      ['Something else', 1],
    ] as const) {
      await page.getByRole('button', { name: 'Answer' }).click();
      await page.locator('.answer[data-state=accepted]').nth(time).waitFor();
      await page.getByRole('button', { name: 'This is wrong' }).first().click();
      await page.getByRole('button', { name: label }).first().click();
      await page.getByText('It is kept on this device').nth(time).waitFor();
    }
    await page.getByText('1 correction waits').waitFor();
    await startServer({ port, origins: site.origin });
    await page.getByRole('button', { name: 'Send now' }).click();
    await expect.poll(() => page.locator('#waiting').isHidden(), patience).toBe(true);
    const folder = join(repository.root, '.mainstem/feedback/gourds');
    const [day = ''] = await readdir(folder);
    const lines = (await readFile(join(folder, day), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { label: 'other', row: { weight: '8' } },
    ]);
    await serving.app.close();
    complaints = complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'));
  });

  test('what the server refuses is said, kept, and sent again or discarded by hand', async () => {
    await startServer();
    const other = new URL(server).port;
    await serving.app.close();
    await open('pumpkins', `http://127.0.0.1:${other}`);
    await startServer({ port: other, origins: site.origin, bodyBytes: 1024 });
    await choose({ ...(await photo('large.jpg', 'good')), buffer: await photoOf('good', 640) });
    await page.getByRole('button', { name: 'This is wrong' }).click();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await page
      .getByText('1 correction was refused by the server: This file is too large')
      .waitFor();
    const answered = page.waitForResponse((response) => response.url().includes('/feedback'));
    await page.getByRole('button', { name: 'Send again' }).click();
    expect((await answered).status()).toBe(413);
    // It counts as waiting until the page has noted the second refusal.
    await expect.poll(() => page.locator('#waiting').isHidden(), patience).toBe(true);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => page.locator('#refusals').isHidden(), patience).toBe(true);
    await visit();
    expect(await page.locator('#refusals').isHidden()).toBe(true);
    await serving.app.close();
    complaints = complaints.filter((text) => !text.includes('413'));
  });

  test('where the server asks for a key, the page asks for it and keeps it on the device', async () => {
    const key = makeKey('field', { scopes: ['feedback'] });
    await writeKeys(repository.root, key);
    const port = await reservePort();
    await open('pumpkins', `http://127.0.0.1:${port}`);
    await startServer({ port, origins: site.origin });
    await choose(await photo('asked.jpg', [0.97, 0.56, 0.12]));
    await page.getByRole('button', { name: 'This is wrong' }).click();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await page.getByText('1 correction waits to be sent. The server asks for a key.').waitFor();
    await page.getByRole('button', { name: 'Enter a key' }).click();
    await page.getByLabel('Key').fill(key.text);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await expect.poll(() => page.locator('#waiting').isHidden(), patience).toBe(true);
    expect(await page.locator('#login').isHidden()).toBe(true);
    await page.locator('#pick').setInputFiles([await photo('again.jpg', [0.96, 0.56, 0.12])]);
    await page.getByRole('button', { name: 'This is wrong' }).click();
    await page.getByRole('button', { name: 'bad', exact: true }).first().click();
    await page.getByText('It is kept on this device').nth(1).waitFor();
    await expect.poll(() => page.locator('#waiting').isHidden(), patience).toBe(true);
    await serving.app.close();
    await rm(join(repository.root, keysFile));
    complaints = complaints.filter((text) => !text.includes('401'));
  });

  test('a new export is offered, fetches only what differs, and replaces the old one as a whole', async () => {
    await open('pumpkins');
    site.asked.length = 0;
    const store = openStore(repository.root);
    const bytes = await readFile(new URL('../fixtures/models/colours.onnx', import.meta.url));
    const onnx = await store.put(bytes, 'application/onnx');
    await repository.promote(buildRecord(pumpkins, onnx, 'ba9876543210'));
    await exportHere(repository, 'pumpkins', folderOf('pumpkins'));
    await visit();
    await page.getByText('A newer version is ready.').waitFor();
    expect(await page.locator('#version').textContent()).toBe('0123456789ab');
    expect(site.asked).toEqual(['service-worker.js', 'model.json']);
    await page.getByRole('button', { name: 'Use it now' }).click();
    await expect.poll(() => page.locator('#version').textContent(), patience).toBe('ba9876543210');
    await repository.promote(buildRecord(pumpkins, onnx));
  });

  test('a new export that arrives damaged changes nothing', async () => {
    await open('pumpkins');
    await exportHere(repository, 'pumpkins', folderOf('pumpkins'), 'https://farm.example');
    site.damaged.set('settings.js', Buffer.from('export const server = "https://evil.example";'));
    await visit();
    await expect
      .poll(() => site.asked.filter((path) => path === 'settings.js').length, patience)
      .toBe(3);
    expect(await page.locator('#newer').isHidden()).toBe(true);
    expect(await choose(await photo('good.jpg', 'good'))).toEqual(['good']);
    complaints = complaints.filter((text) => !/integrity|settings\.js/.test(text));
  });
});
