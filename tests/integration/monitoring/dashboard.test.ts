import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bridge } from '../../../monitoring/bridge/app.ts';
import { annotations, listDashboards } from '../../../monitoring/dashboards/index.ts';
import { objectives } from '../../../monitoring/objectives.ts';
import { readDashboards } from '../../../monitoring/preview/read-dashboards.ts';
import { renderPreview } from '../../../monitoring/preview/render-preview.ts';
import { buildRules } from '../../../monitoring/rules/index.ts';
import { digestJson } from '../../../platform/lib/hash.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import type { ServingApp } from '../../../serving/app.ts';
import {
  bridgeConfig,
  buildTestBridge,
  type DispatchedGitHub,
  notificationOf,
  notify,
  promoteOnMain,
  startDispatchedGitHub,
} from '../../helpers/bridge.ts';
import { chromiumPath, launchBrowser } from '../../helpers/browser.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { photoOf, watermelon } from '../../helpers/photos.ts';
import { type Prometheus, prometheusFound, startPrometheus } from '../../helpers/prometheus.ts';
import { serveModels } from '../../helpers/serve-models.ts';
import { networkWith, recordOf, tryVersion } from '../../helpers/versions.ts';

/** Grafana fills these in. */
const asPrometheus = (expression: string) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$model', '.+');

const queries = listDashboards(objectives).flatMap(({ uid, sections }) =>
  sections
    .flatMap(({ panels }) => panels)
    .flatMap(({ title, queries: own }) =>
      own.map((query) => [`${uid}: ${title}`, query.legend, query.expression] as const),
    ),
);

describe.skipIf(!prometheusFound)(
  'the dashboards, over a real Prometheus that scrapes the real server and the real bridge',
  () => {
    let repository: ModelRepository;
    let serving: ServingApp;
    let prometheus: Prometheus;
    let folder: string;
    let github: DispatchedGitHub;
    let bridge: Bridge;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mainstem-prometheus-'));
      repository = await createModelRepository(pumpkins, { ...gourds, features: scales });
      await writeSnapshot(repository.root);
      await tryOther(repository.root);
      serving = await serveModels(repository.root, { model: 'pumpkins' });
      const address = await serving.app.listen({ host: '127.0.0.1', port: 0 });
      github = await startDispatchedGitHub(folder);
      const run = '0123456789ab';
      promoteOnMain(github, { model: 'pumpkins', run, at: Math.floor(Date.now() / 1000) - 60 });
      bridge = await buildTestBridge(bridgeConfig(folder, github));
      const other = await bridge.app.listen({ host: '127.0.0.1', port: 0 });
      const targets = [address, other].map((url) => new URL(url).host);
      prometheus = await startPrometheus(folder, targets, buildRules(objectives));
      // Counters are at 0 in the first scrapes, so that what follows is an increase.
      await prometheus.scraped(2);
      await bridge.main.read();
      await notify(bridge, notificationOf({}));
      await send(address);
      await prometheus.scraped(5);
      // Requests are counted by route and status, whose series begin with the first of them.
      await send(address);
      await prometheus.scraped(9);
    });
    afterAll(async () => {
      await prometheus.stop();
      await bridge.close();
      await github.close();
      await serving.app.close();
      await repository.remove();
      await rm(folder, { recursive: true, force: true });
    });

    test.each(queries)('panel "%s" has a series for "%s"', async (_title, legend, expression) => {
      const series = await prometheus.query(asPrometheus(expression));
      expect(series.length).toBeGreaterThan(0);
      const finite = series.filter(({ value }) => Number.isFinite(Number(value[1])));
      expect(finite.length, JSON.stringify(series)).toBeGreaterThan(0);
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
        expect(Object.keys(series[0]?.metric ?? {})).toContain(label);
      }
    });

    test.each(annotations)('"$name" has a mark while it is new', async ({ expression, title }) => {
      const series = await prometheus.query(asPrometheus(expression));
      expect(series.length).toBeGreaterThan(0);
      for (const [, label = ''] of title.matchAll(/\{\{(\w+)\}\}/g))
        expect(Object.keys(series[0]?.metric ?? {})).toContain(label);
    });

    test('the share of refused photos is that of the photos sent', async () => {
      const panel = queries.find(
        ([title, legend]) => title.endsWith(': Refused') && !legend.includes('reference'),
      );
      const all = await prometheus.query(asPrometheus(panel?.[2] ?? ''));
      const series = all.find(({ metric }) => metric.model === 'pumpkins');
      expect(Number(series?.value[1])).toBeCloseTo(2 / 8, 2);
    });

    test.skipIf(!chromiumPath)(
      'the preview draws every panel, and the number of every other',
      async () => {
        const now = Math.floor(Date.now() / 1000);
        const address = new URL(prometheus.url);
        const source = { prometheus: address, model: null, from: now - 60, to: now };
        const read = await readDashboards(listDashboards(objectives), source);
        const page = join(folder, 'dashboards.html');
        await writeFile(page, renderPreview(read, source, objectives.runbook));
        const shown = await lookAt(page);
        expect(shown.empty).toEqual([]);
        expect(shown.blank).toEqual([]);
        expect(shown.faults).toEqual([]);
        expect(shown.panels).toBe(queriedPanels);
        const others = { ...source, model: 'no.such|model' };
        const [fleet] = await readDashboards(listDashboards(objectives).slice(0, 1), others);
        const ready = fleet?.sections[0]?.panels.find(({ panel }) => panel.title === 'Ready');
        expect(ready?.lines).toEqual([]);
      },
    );
  },
);

const queriedPanels = listDashboards(objectives)
  .flatMap(({ sections }) => sections)
  .flatMap(({ panels }) => panels).length;

/** Opens the preview in a browser. @returns titles of panels that show nothing, and what the page complains of */
async function lookAt(page: string) {
  const browser = await launchBrowser();
  try {
    const tab = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const faults: string[] = [];
    tab.on('pageerror', ({ message }) => faults.push(message));
    tab.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
    await tab.goto(pathToFileURL(page).href);
    const titlesWith = (kind: 'empty' | 'blank') =>
      tab.$$eval(
        'figure',
        (figures, wanted) =>
          figures
            .filter((figure) => {
              if (wanted === 'empty') return figure.querySelector('.empty') !== null;
              const canvas = figure.querySelector('canvas');
              if (!canvas) return figure.querySelector('dd')?.textContent === '';
              const { width, height } = canvas;
              const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data;
              return pixels?.every((value) => value === 0) ?? true;
            })
            .map((figure) => figure.querySelector('figcaption')?.textContent ?? ''),
        kind,
      );
    const [empty, blank] = [await titlesWith('empty'), await titlesWith('blank')];
    return { empty, blank, faults, panels: await tab.locator('figure').count() };
  } finally {
    await browser.close();
  }
}

/** Gourds whose weight is looked up. */
const scales = {
  definition: digestJson('scales'),
  views: { scales: { keys: ['plot'], fields: ['weight'] } },
};

/** A canary of the gourds that says the other class, for requests that ask for it. */
async function tryOther(root: string): Promise<void> {
  const network = { run: 'aaaaaaaaaaaa', network: await networkWith('tried') };
  const record = await recordOf(root, { ...gourds, classes: gourds.classes.toReversed() }, network);
  const header = { name: tried, value: 'yes' };
  await tryVersion(root, 'canary', record, { share: 0, header });
}
const tried = 'x-tried';

async function writeSnapshot(root: string): Promise<void> {
  const rows = [['7', Date.now() * 1000, '9.5']];
  const view = { ...scales.views.scales, ttlMs: null, freshnessMs: 3_600_000, rows };
  const snapshot = { definition: scales.definition, at: Date.now(), views: { scales: view } };
  const path = join(root, '.mainstem/features/gourds.json');
  await writeJson(path, { version: 1, project: 'gourds', ...snapshot });
}

/** Six pumpkins, two watermelons, one file that is not a photo, one correction, two gourds by their plot, two for the canary. */
async function send(address: string): Promise<void> {
  const colours = ['good', 'good', 'ok', 'ok', 'bad', 'bad', watermelon, watermelon] as const;
  for (const colour of colours) await post(`${address}/predict`, await photoOf(colour));
  await post(`${address}/predict`, Buffer.from('no photo'));
  const gourd = (row: object, headers: Record<string, string> = {}) =>
    fetch(`${address}/models/gourds/predict`, {
      method: 'POST',
      body: JSON.stringify({ colour: 'orange', ...row }),
      headers: { 'content-type': 'application/json', ...headers },
    });
  for (const plot of ['7', '8']) await gourd({ plot });
  for (const weight of [3, 9]) await gourd({ weight }, { [tried]: 'yes' });
  const form = new FormData();
  form.append('label', 'bad');
  form.append('predicted', 'good');
  form.append('slices', JSON.stringify({ light: 'sun' }));
  form.append('file', new Blob([await photoOf('good')], { type: 'image/jpeg' }), 'photo.jpg');
  await fetch(`${address}/feedback`, { method: 'POST', body: form });
}

async function post(url: string, body: Buffer<ArrayBuffer>): Promise<void> {
  await fetch(url, { method: 'POST', body, headers: { 'content-type': 'image/jpeg' } });
}
