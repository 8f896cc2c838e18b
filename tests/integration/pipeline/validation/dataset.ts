import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { validateStage } from '../../../../pipeline/validation/index.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import type { ProjectInput } from '../../../../platform/schemas/define/index.ts';
import { type Finding, ValidateOutput } from '../../../../platform/schemas/index.ts';
import { lockProject, openStore } from '../../../../platform/storage/index.ts';
import { buildProject } from '../../../helpers/project.ts';

/** Writes a file below a folder, which is made. */
export async function plant(root: string, path: string, content: string | Uint8Array) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** A photo of coloured squares: bright, sharp and full of contrast; every seed gives another. */
export function picture(seed: number, side = 96): Sharp {
  const random = createRandom(seed);
  const squares = Buffer.from(Array.from({ length: 12 * 12 * 3 }, () => random.int(256)));
  return sharp(squares, { raw: { width: 12, height: 12, channels: 3 } }).resize(side, side, {
    kernel: 'nearest',
    fit: 'fill',
  });
}

/** A clean folder: two classes that every split has enough of. */
export async function plantPhotos(root: string, path = 'data/photos'): Promise<void> {
  for (const [at, name] of ['good', 'bad'].entries()) {
    for (let number = 0; number < 40; number++) {
      const bytes = await picture(1000 * at + number + 1)
        .jpeg()
        .toBuffer();
      await plant(root, `${path}/${name}/${number}.jpg`, bytes);
    }
  }
}

/** What the tests' projects are made of. */
export type Given = Partial<ProjectInput> & Pick<ProjectInput, 'data'>;

/** A dataset of the tests. */
export function datasetAt(path: string): ProjectInput['data'] {
  return { name: path.replaceAll('/', '-'), path, source: 'made here', licence: 'CC0-1.0' };
}

/** The project of a folder that `plantPhotos` made. */
export const photos = {
  data: datasetAt('data/photos'),
  classes: ['bad', 'good'],
  split: { seed: 3, fractions: [0.5, 0.25, 0.25] },
} satisfies Given;

/**
 * Locks the data below `root` and validates it.
 *
 * @param changed what of the split was changed after the lock @returns the findings, also of a failed validation
 */
export async function validate(
  root: string,
  given: Given,
  changed: Partial<Given['split']> = {},
): Promise<readonly Finding[]> {
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const project = buildProject(root, given);
  const store = openStore(root);
  const { datasets } = await lockProject(workspace, store, project);
  const {
    split,
    task,
    classes = [],
    checks,
    table,
    data,
    outOfDistribution: other,
  } = project.definition;
  const slices = project.definition.slices.map(({ column }) => column);
  const dataset = datasets[data.name];
  if (!dataset) throw new Error(`${data.name} is not locked`);
  const outOfDistribution = datasets[other?.name ?? ''] ?? null;
  const inputs = {
    ...{ dataset, outOfDistribution, task, classes, checks, slices },
    split: { ...split, ...changed },
  };
  const context = { workspace, store, project, scratch: root };
  try {
    const output = await validateStage.run(context, { ...inputs, ...(table && { table }) }, {});
    return output.findings;
  } catch (error) {
    if (!isMainstemError(error, 'VALIDATION_FAILED')) throw error;
    const { checked, findings } = error.details;
    return parseValue({ checked, findings }, ValidateOutput, 'details').findings;
  } finally {
    store.close();
  }
}

/** Severity and code of each finding, for expectations. */
export function found(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}
