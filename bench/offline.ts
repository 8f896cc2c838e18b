// The exported page in Chromium against the server, on the same machine: how far their answers differ, and how long one takes. The
// photos of a repository's project as they are, and every 27th of them in other formats.
// Reads a repository in which the pumpkins are promoted (`npm start`), writes a table on standard output.
//   npx mainstem --exec node bench/offline.ts
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { exportWeb } from '../pipeline/operations/export-web.ts';
import { silentReporter } from '../platform/lib/reporter.ts';
import { askPage, askServer } from '../tests/helpers/ask.ts';
import { launchBrowser } from '../tests/helpers/browser.ts';
import { serveModels } from '../tests/helpers/serve-models.ts';
import { serveFolder } from '../tests/helpers/static-site.ts';

const root = join(import.meta.dirname, '..');
const sampleEvery = 27;

/** File → the same picture as another file. */
const kinds: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  'JPEG of a phone, 4032 × 3024': (image) => resized(image, 4032, 3024).jpeg(),
  'progressive JPEG, 1600 × 1200': (image) =>
    resized(image, 1600, 1200).jpeg({ progressive: true }),
  'JPEG of odd size, 1601 × 1203': (image) => resized(image, 1601, 1203).jpeg(),
  'JPEG in Display P3': (image) => image.withIccProfile('p3').jpeg(),
  PNG: (image) => image.png(),
  WebP: (image) => image.webp(),
};
const resized = (image: Sharp, width: number, height: number) =>
  image.resize(width, height, { fit: 'fill' });

const folder = await mkdtemp(join(tmpdir(), 'mainstem-offline-'));
const { app } = await serveModels(root, { model: 'pumpkins' });
const server = await app.listen({ host: '127.0.0.1', port: 0 });
const { signal } = new AbortController();
const page = { name: 'pumpkins', folder: join(folder, 'page'), server: null };
await exportWeb({ root, signal, reporter: silentReporter }, page);
const site = await serveFolder(page.folder, '/');
const browser = await launchBrowser();
try {
  const tab = await browser.newPage();
  await tab.goto(site.url);
  const photos = await listPhotos();
  process.stdout.write(
    '| photos | number | other classes or refusals | probabilities differ by at most | mean | server | page |\n',
  );
  process.stdout.write('| --- | --- | --- | --- | --- | --- | --- |\n');
  await compare('as they are', photos, (path) => readFile(path), tab);
  const some = photos.filter((_, index) => index % sampleEvery === 0);
  for (const [kind, encode] of Object.entries(kinds))
    await compare(kind, some, (path) => encode(sharp(path)).toBuffer(), tab);
} finally {
  await browser.close();
  await site.cut();
  await app.close();
  await rm(folder, { recursive: true });
}

async function listPhotos(): Promise<string[]> {
  const folders = ['pumpkins', 'pumpkins-other'].map((name) => join(root, 'data', name));
  const listed = await Promise.all(
    folders.map(async (path) => {
      const names = await readdir(path, { recursive: true });
      return names.filter((name) => name.endsWith('.jpg')).map((name) => join(path, name));
    }),
  );
  return listed.flat().sort();
}

interface Answer {
  readonly class: string;
  readonly accepted: boolean;
  readonly probabilities: Readonly<Record<string, number>>;
}

async function compare(
  kind: string,
  paths: readonly string[],
  read: (path: string) => Promise<Buffer>,
  tab: Page,
): Promise<void> {
  const differences: number[] = [];
  let [others, there, here] = [0, 0, 0];
  for (const path of paths) {
    const photo = await read(path);
    const began = performance.now();
    const ours = answerOf(await askServer(server, photo));
    here += performance.now() - began;
    const reply = await askPage(tab, photo);
    const answer = answerOf(reply.answer);
    there += reply.ms;
    if (ours.class !== answer.class || ours.accepted !== answer.accepted) others += 1;
    const names = Object.keys(ours.probabilities);
    const gaps = names.map((name) =>
      Math.abs((ours.probabilities[name] ?? 0) - (answer.probabilities[name] ?? 0)),
    );
    differences.push(Math.max(...gaps));
  }
  const count = paths.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const most = Math.max(...differences).toPrecision(2);
  const times = [here, there].map((ms) => `${(ms / count).toFixed(1)} ms`).join(' | ');
  process.stdout.write(
    `| ${kind} | ${count} | ${others} | ${most} | ${mean.toPrecision(2)} | ${times} |\n`,
  );
}

function answerOf(said: unknown): Answer {
  return (said as { results: readonly [Answer] }).results[0];
}
