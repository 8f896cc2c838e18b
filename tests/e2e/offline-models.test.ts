import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildExtractor } from '../../pipeline/backbones/build-extractor.ts';
import { parseBackbone } from '../../pipeline/backbones/parse-backbone.ts';
import { exportTrees } from '../../pipeline/package/onnx/export-trees.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { ServingApp } from '../../serving/app.ts';
import { boostMixed, mixedColumns, mixedRow } from '../fixtures/trees.ts';
import { askPage } from '../helpers/ask.ts';
import { bytesOf, featuresOfSmall, smallBackbone } from '../helpers/backbone.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import { addProjects, exportHere } from '../helpers/exported-page.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  prices,
  pumpkins,
  type RecordPart,
} from '../helpers/model-repository.ts';
import { photoOf } from '../helpers/photos.ts';
import { serveModels } from '../helpers/serve-models.ts';
import { serveFolder } from '../helpers/static-site.ts';

/* The runtime of the browser knows every operator that models are written with, and computes what the server's does. */

type Cells = Readonly<Record<string, string | number | null>>;

const colours = ['red', 'green', 'blue', 'grey', 'pink'];
let repository: ModelRepository;
let serving: ServingApp;
let browser: Browser;

describe.skipIf(!chromiumPath)('an exported model answers as the server does:', () => {
  beforeAll(async () => {
    repository = await createModelRepository(
      ...[await trees(3), await trees(0), gourds, prices, backbone()],
    );
    await addProjects(repository, 'trees3', 'trees0', 'gourds', 'prices', 'leaves');
    serving = await serveModels(repository.root);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await serving.app.close();
    await repository.remove();
  });

  test.each([
    ['trees of three classes', 'trees3', mixedCells],
    ['trees of a regression', 'trees0', mixedCells],
    ['a network of classes', 'gourds', gourdCells],
    ['a network of a regression', 'prices', gourdCells],
  ])('%s', async (_, name, draw) => {
    const { page, close } = await openPage(name);
    const random = createRandom(name);
    for (let row = 0; row < 40; row++) {
      const cells = draw(random);
      const url = `/models/${name}/predict`;
      const answer = await serving.app.inject({ method: 'POST', url, payload: cells });
      expect(await say(page, cells), JSON.stringify(cells)).toEqual(rounded(answer.json()));
    }
    await close();
  });

  test('a backbone with its head, for photos', async () => {
    const { page, close } = await openPage('leaves');
    for (const colour of ['good', 'ok', 'bad'] as const) {
      const photo = await photoOf(colour, 96);
      const answer = await serving.app.inject({
        ...{ method: 'POST', url: '/models/leaves/predict', payload: photo },
        headers: { 'content-type': 'image/jpeg' },
      });
      expect(await say(page, photo)).toEqual(rounded(answer.json()));
    }
    await close();
  });

  const openPage = async (name: string) => {
    const folder = `${repository.root}/web/${name}`;
    await exportHere(repository, name, folder);
    const site = await serveFolder(folder, '/');
    const page = await browser.newPage();
    await page.goto(site.url);
    const close = async () => {
      await page.close();
      await site.cut();
    };
    return { page, close };
  };
});

async function trees(classes: number): Promise<RecordPart> {
  const { forest } = await boostMixed(classes);
  const names = ['a', 'b', 'c'].slice(0, classes);
  return {
    ...gourds,
    model: `trees${classes}`,
    task: classes > 0 ? 'tabular-classification' : 'tabular-regression',
    classes: names,
    page: { ...gourds.page, classes: {} },
    preprocessing: {
      kind: 'table',
      encoding: 'codes',
      columns: [
        { name: 'width', kind: 'number', mean: 0, deviation: 1 },
        { name: 'height', kind: 'number', mean: 0, deviation: 1 },
        { name: 'colour', kind: 'category', values: colours },
      ],
    },
    onnx: exportTrees({ forest, columns: mixedColumns, classes }, {}),
  };
}

/** A small network of others, grafted; what it sees is said to be so many classes. */
function backbone(): RecordPart {
  const size = 32;
  const preprocessing = { kind: 'image', size, scale: 1 / 127.5, offset: -1 } as const;
  const network = parseBackbone(bytesOf(smallBackbone({ size })), { path: 'small.onnx' });
  const pixels = { mean: [124, 116, 104], deviation: [58, 57, 57] } as const;
  return {
    ...pumpkins,
    model: 'leaves',
    classes: Array.from({ length: featuresOfSmall }, (_, at) => `leaf ${at}`),
    page: { ...pumpkins.page, classes: {} },
    ...{ preprocessing, outOfDistribution: null, bins: [] },
    onnx: buildExtractor(network, { preprocessing, pixels }),
  };
}

function mixedCells(random: ReturnType<typeof createRandom>): Cells {
  const [width, height, colour] = mixedRow(random);
  const known = Number.isNaN(colour) ? null : (colours[colour] ?? null);
  return { width, height: Number.isNaN(height) ? null : height, colour: known };
}

function gourdCells(random: ReturnType<typeof createRandom>): Cells {
  const colour = ['orange', 'green', 'blue', null][random.int(4)] ?? null;
  return { weight: 4 + 2 * random.normal(), colour };
}

/** What the page answers, or why it does not. */
async function say(page: Page, input: Cells | Uint8Array): Promise<unknown> {
  const { answer, problem } = await askPage(page, input);
  return problem ?? rounded(answer);
}

/** The answer without what names it, and numbers as far as two ways to add 32-bit floats agree. */
function rounded(answer: unknown): unknown {
  const { id: _, ...said } = answer as Readonly<Record<string, unknown>>;
  const text = JSON.stringify(said, (_key, value) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  );
  return JSON.parse(text);
}
