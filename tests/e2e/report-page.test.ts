import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { photosOf, type Report, renderHtml, renderSweepHtml } from '../../platform/report/index.ts';
import { renderThumbnail } from '../../platform/transforms/index.ts';
import { reportOf } from '../fixtures/reports.ts';
import { sweepReportOf } from '../fixtures/sweeps.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import { photoOf } from '../helpers/photos.ts';

const below = (limit: number) => (index: number) => index < limit;
const hostile = '"><script>document.title="taken over"</script><img src=x onerror=alert(1)>';

let folder: string;
let browser: Browser;
/** What must stay empty: complaints of the browser, and requests to anything but the page. */
let complaints: string[] = [];

async function openReport(report: Report, options = {}): Promise<Page> {
  const photo = await renderThumbnail(await photoOf('good'));
  const photos = new Map(photosOf(report).map((digest) => [String(digest), photo]));
  return openPage(renderHtml(report, { photos }), options);
}

async function openPage(html: string, options = {}): Promise<Page> {
  const path = join(folder, 'report.html');
  await writeFile(path, html);
  const page = await browser.newPage(options);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  const url = pathToFileURL(path).href;
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await page.goto(url);
  return page;
}

/** Figures of which something is drawn, and all that are shown. */
function countFigures(page: Page): Promise<{ drawn: number; all: number }> {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('canvas')].filter((one) => one.offsetParent);
    const isDrawn = (canvas: HTMLCanvasElement) =>
      canvas
        .getContext('2d')
        ?.getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0);
    return { drawn: shown.filter(isDrawn).length, all: shown.length };
  });
}

describe.skipIf(!chromiumPath)('the page of a report, in Chromium', () => {
  const report = reportOf(below(22), below(30));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mainstem-'));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('draws the trials of a sweep in parallel coordinates, in both themes, whatever they are called', async () => {
    const sweep = sweepReportOf(20);
    const axes = sweep.axes.map((one) => ({ ...one, key: `${one.key}${hostile}` }));
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openPage(renderSweepHtml({ ...sweep, axes }), { colorScheme });
      expect(await page.title()).toBe('penguins: nothing beyond noise');
      expect(await countFigures(page)).toEqual({ drawn: 2, all: 2 });
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  test('draws curves, slices, weak spots and reliability and shows photos, and asks nobody for anything', async () => {
    const page = await openReport(report);
    expect(await page.title()).toBe('pumpkins: better');
    expect(await countFigures(page)).toEqual({ drawn: 5, all: 5 });
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('img')].map((image) => image.naturalWidth),
    );
    expect(sizes.length).toBeGreaterThan(22);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test('a figure says what is under the pointer', async () => {
    const page = await openReport(report, { viewport: { width: 900, height: 900 } });
    const canvas = page.getByRole('img', { name: 'Figure: loss' });
    const before = await canvas.screenshot();
    await canvas.hover();
    const isUnchanged = async () => (await canvas.screenshot()).equals(before);
    await expect.poll(isUnchanged, { timeout: 15_000 }).toBe(false);
  });

  test('names that are code are shown as they are', async () => {
    const named = {
      ...report,
      project: { ...report.project, title: hostile, classes: [hostile, 'ok', 'bad'] },
      slices: report.slices.map((row) => ({ ...row, value: hostile })),
      parameters: [{ key: hostile, before: hostile, after: `"${hostile}"` }],
      notices: [hostile],
    };
    const page = await openReport(named);
    await page.locator('#open').click();
    expect(await page.title()).toBe('pumpkins: better');
    expect(await page.locator('script').count()).toBe(2);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.locator('.notice').innerText()).toBe(hostile);
    expect(await countFigures(page)).toEqual({ drawn: 5, all: 5 });
    expect(complaints).toEqual([]);
  });

  test('the browser runs nothing that is put into the page later', async () => {
    const page = await openReport(report);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.org/x.png">');
    });
    expect(await page.title()).toBe('pumpkins: better');
    expect(complaints.join()).toContain('Content Security Policy');
    expect(complaints.join()).not.toMatch(/^https:/);
    complaints = [];
  });

  test.each([320, 1200])('nothing is wider than a window of %i pixels', async (width) => {
    const page = await openReport(report, { viewport: { width, height: 700 } });
    await page.locator('#open').click();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  test('it is dark where the device is, and on paper always black on white, with every section open', async () => {
    const page = await openReport(report, { colorScheme: 'dark' });
    const colours = () =>
      page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        return [color, backgroundColor];
      });
    expect(await colours()).toEqual(['rgb(231, 234, 238)', 'rgb(21, 24, 29)']);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    expect(await colours()).toEqual(['rgb(27, 31, 36)', 'rgb(255, 255, 255)']);
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect(await countFigures(page)).toEqual({ drawn: 5, all: 5 });
  });
});

test('what a camera wrote into a photo is not in its small copy', async () => {
  const gps = { IFD3: { GPSLatitude: '52/1 30/1 0/1', GPSLatitudeRef: 'N' } };
  const photo = await sharp(await photoOf('good', 300))
    .withExif(gps)
    .jpeg()
    .toBuffer();
  expect((await sharp(photo).metadata()).exif).toBeDefined();
  const address = await renderThumbnail(photo);
  const small = await sharp(Buffer.from(address.split(',')[1] ?? '', 'base64')).metadata();
  expect(small).toMatchObject({ format: 'webp', width: 200, height: 200 });
  expect(small.exif).toBeUndefined();
});
