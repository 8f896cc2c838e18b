import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import { cloneHere } from '../helpers/clone.ts';
import { test } from '../helpers/folder.ts';
import { start } from '../helpers/mainstem.ts';
import { compareOffline } from '../helpers/offline-parity.ts';

test.skipIf(!chromiumPath)(
  'Jen’s page, from nothing: a bad pumpkin is called bad and a watermelon is refused',
  async ({ folder }) => {
    const clone = await cloneHere(folder);
    const server = await start(clone, 'pumpkins', '--port', '0');
    onTestFinished(async () => void (await server.stop()));
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(server.url);
    // Before that there is nobody who would notice the choice.
    await page.locator('#photos').waitFor();
    const photos = ['pumpkins/2026/bad/b001-1.jpg', 'pumpkins-other/watermelon/watermelon-01.jpg'];
    await page.locator('#pick').setInputFiles(photos.map((path) => join(clone, 'data', path)));
    const text = () => page.locator('main').innerText();
    await expect.poll(text, { timeout: 15_000 }).toMatch(/Rotten or broken/);
    await expect.poll(text, { timeout: 15_000 }).toMatch(/does not look like a pumpkin/);
    await compareOffline(clone, server.url, browser);
    expect(await server.stop()).toBe(0);
  },
);
