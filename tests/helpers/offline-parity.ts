import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { readPredictions } from '../../pipeline/evaluation/index.ts';
import { loadPromoted } from '../../platform/registry/index.ts';
import { openStore } from '../../platform/storage/index.ts';
import { askPage, askServer } from './ask.ts';
import { mainstem } from './mainstem.ts';
import { serveFolder } from './static-site.ts';

/**
 * Exports the page and has it answer the test split, without a network, as the server does. Both compute in 32-bit floats, in
 * another order: probabilities differ by 1e-6, of which this allows a hundred times as much.
 */
export async function compareOffline(
  clone: string,
  server: string,
  browser: Browser,
): Promise<void> {
  const exported = await mainstem(clone, 'export', 'web', 'pumpkins', '--json');
  expect(exported.stderr).toBe('');
  const site = await serveFolder(JSON.parse(exported.stdout).folder, '/a/phone/');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  await page.getByText('is kept on the device').waitFor();
  await site.cut();
  await context.setOffline(true);
  await page.reload();
  const photos = await testPhotos(clone);
  expect(photos.length).toBeGreaterThan(100);
  for (const path of photos) {
    const photo = await readFile(path);
    const [reply, served] = await Promise.all([askPage(page, photo), askServer(server, photo)]);
    const there = answerOf(reply.answer);
    const { probabilities, score, ...said } = answerOf(served);
    expect(there, path).toMatchObject(said);
    expect(Math.abs(there.score - score), path).toBeLessThan(1e-3);
    for (const [name, share] of Object.entries(probabilities))
      expect(Math.abs((there.probabilities[name] ?? 0) - share), path).toBeLessThan(1e-4);
  }
  await context.close();
}

interface Answer {
  readonly class: string;
  readonly probabilities: Readonly<Record<string, number>>;
  /** All other members are compared as they are, but for the probability of the class, which is among all. */
  readonly score: number;
}

function answerOf(answer: unknown): Answer {
  const { results } = answer as { results: readonly [Answer & { probability: unknown }] };
  const { probability: _, ...said } = results[0];
  return said;
}

/** The photos of the test split, with those that must be refused. */
async function testPhotos(clone: string): Promise<string[]> {
  const promoted = await loadPromoted(clone, 'pumpkins');
  if (!promoted) throw new Error('nothing is promoted');
  const { predictions } = promoted.record.evaluation;
  const all = await readPredictions(openStore(clone), predictions);
  return all
    .filter(({ split }) => split === 'test')
    .map(({ dataset, id }) => join(clone, 'data', dataset, id));
}
