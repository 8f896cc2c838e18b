import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleForBrowsers } from '../../pipeline/operations/export-web/bundle-worker.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { cropPicture, readPicture } from '../../platform/transforms/index.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import { type StaticSite, serveFolder } from '../helpers/static-site.ts';

/*
 * How far the pixels that the network sees in a browser differ from those of training and serving, in levels of 255. What is
 * measured here for each kind of file, docs/offline.md says to people.
 */

const require = createRequire(import.meta.url);
const size = 96;
let folder: string;
let site: StaticSite;
let browser: Browser;
let page: Page;

describe.skipIf(!chromiumPath)('a photo in the browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mainstem-see-'));
    await writeFile(join(folder, 'see.js'), await bundleForBrowsers('see.ts'));
    const script = "import { seePhotoOffline } from './see.js'; globalThis.see = seePhotoOffline;";
    const html = `<!doctype html><title>See</title><script type="module">${script}</script>`;
    await writeFile(join(folder, 'index.html'), html);
    const kernels = new URL('../../platform/transforms/kernels.wasm', import.meta.url);
    await cp(kernels, join(folder, 'kernels.wasm'));
    const decoder = require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm');
    await cp(decoder, join(folder, 'jpeg-turbo.wasm'));
    site = await serveFolder(folder, '/');
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(site.url);
  });
  afterAll(async () => {
    await browser.close();
    await site.cut();
    await rm(folder, { recursive: true });
  });

  /** What the network sees of a file in the browser, as levels; or the code of the error. */
  const seeThere = (bytes: Uint8Array): Promise<number[] | string> =>
    page.evaluate(
      async ({ base64, size }) => {
        const see = Reflect.get(globalThis, 'see');
        const photo = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const preprocessing = { kind: 'image', size, scale: 1, offset: 0 };
        return see(photo, preprocessing).then(
          (input: Float32Array) => [...input],
          (error: { code?: string; message: string }) => error.code ?? error.message,
        );
      },
      { base64: Buffer.from(bytes).toString('base64'), size },
    );
  const seeHere = (bytes: Uint8Array): Promise<number[] | string> =>
    readPicture(bytes, size).then(
      (picture) => [...cropPicture(picture, size)],
      (error) => (isMainstemError(error) ? error.code : String(error)),
    );
  const differenceOf = async (bytes: Uint8Array) => {
    const [there, here] = [await seeThere(bytes), await seeHere(bytes)];
    if (typeof there === 'string' || typeof here === 'string') throw new Error(`${there} ${here}`);
    const differences = here.map((level, at) => Math.abs(level - (there[at] ?? 0)));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    return { mean, most: Math.max(...differences) };
  };

  /** Something like a photo: soft spots of all colours, with a grain. */
  const scene = async (width: number, height: number) => {
    const noise = (side: number, sigma: number) => ({
      create: {
        ...{ width: side, height: side, channels: 3 as const },
        noise: { type: 'gaussian' as const, mean: 128, sigma },
        background: '#000',
      },
    });
    const grain = await sharp(noise(512, 6)).png().toBuffer();
    const spots = await sharp(noise(24, 60))
      .resize(512, 512)
      .composite([{ input: grain, blend: 'soft-light' }])
      .png()
      .toBuffer();
    return sharp(spots).resize(width, height, { fit: 'fill', kernel: 'cubic' });
  };
  const phone = [4032, 3024] as const;

  test.each([
    ['small', 400, 300, {}],
    ['small, of odd size', 641, 479, {}],
    ['small, without subsampling', 800, 600, { chromaSubsampling: '4:4:4' }],
  ])('has the very pixels of the server: a plain JPEG, %s', async (_, width, height, options) => {
    const bytes = await (await scene(width, height)).jpeg(options).toBuffer();
    expect(await differenceOf(bytes)).toEqual({ mean: 0, most: 0 });
  });

  test('has the very pixels of the server: a plain JPEG that is turned, and a grey one', async () => {
    for (const orientation of [2, 6, 8]) {
      const turned = (await scene(400, 300)).withMetadata({ orientation });
      expect(await differenceOf(await turned.jpeg().toBuffer())).toEqual({ mean: 0, most: 0 });
    }
    const grey = await (await scene(400, 300)).greyscale().jpeg().toBuffer();
    expect(await differenceOf(grey)).toEqual({ mean: 0, most: 0 });
  });

  test.each<[string, number, number, (image: Sharp) => Sharp, number, number]>([
    ['a JPEG of a phone', ...phone, (image) => image.jpeg(), 0.5, 3],
    [
      'one that is turned',
      ...phone,
      (image) => image.withMetadata({ orientation: 6 }).jpeg(),
      0.5,
      3,
    ],
    ['a progressive one', 1600, 1200, (image) => image.jpeg({ progressive: true }), 0.5, 3],
    // libvips moves such a picture by a part of a pixel.
    ['one of odd size', 1601, 1203, (image) => image.jpeg(), 3, 24],
    ['one of Display P3', 800, 600, (image) => image.withIccProfile('p3').jpeg(), 2, 12],
    ['a PNG', 400, 300, (image) => image.png(), 0.5, 3],
    ['a small PNG', 150, 120, (image) => image.png(), 0, 0],
    ['a WebP', 400, 300, (image) => image.webp(), 2, 16],
    ['a lossless WebP', 400, 300, (image) => image.webp({ lossless: true }), 0.5, 3],
  ])('%s is seen almost alike', async (_, width, height, encode, mean, most) => {
    const bytes = await encode(await scene(width, height)).toBuffer();
    const found = await differenceOf(bytes);
    expect(found.mean, `most ${found.most}`).toBeLessThanOrEqual(mean);
    expect(found.most, `mean ${found.mean}`).toBeLessThanOrEqual(most);
  });

  test('what is transparent becomes white', async () => {
    const image = (await scene(150, 120)).ensureAlpha(0.4);
    const found = await differenceOf(await image.png().toBuffer());
    expect(found.most).toBeLessThanOrEqual(2);
  });

  test.each<[string, (jpeg: Buffer, png: Buffer, progressive: Buffer) => Uint8Array]>([
    ['text', () => Buffer.from('hello')],
    ['an empty file', () => Buffer.alloc(0)],
    ['a JPEG that ends early', (jpeg) => jpeg.subarray(0, jpeg.length / 2)],
    ['a JPEG with zeros in it', (jpeg) => Buffer.from(jpeg).fill(0, 5000, 6000)],
    ['a PNG that ends early', (_, png) => png.subarray(0, png.length / 2)],
    ['a progressive JPEG that ends early', (_, __, progressive) => progressive.subarray(0, 5000)],
    [
      'a progressive JPEG with zeros in it',
      (_, __, progressive) => Buffer.from(progressive).fill(0, 5000, 6000),
    ],
  ])('%s is refused, there as here', async (_, damage) => {
    const image = await scene(640, 480);
    const [jpeg, png, progressive] = await Promise.all([
      image.clone().jpeg().toBuffer(),
      image.clone().png().toBuffer(),
      image.clone().jpeg({ progressive: true }).toBuffer(),
    ]);
    const bytes = damage(jpeg, png, progressive);
    expect(await seeThere(bytes)).toBe('IMAGE_UNREADABLE');
    expect(await seeHere(bytes)).toBe('IMAGE_UNREADABLE');
  });
});
