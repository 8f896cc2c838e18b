import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { openThreadsFor } from '../../platform/lib/threads.ts';
import type { SplitDefinition, TableDefinition } from '../../platform/schemas/define/index.ts';
import type {
  Example,
  LockedDataset,
  PreparedIndex,
  PrepareOutput,
  TablePreprocessing,
} from '../../platform/schemas/index.ts';
import { type Part, readExamples } from '../../platform/storage/index.ts';
import { imagePreprocessing, parseNumber } from '../../platform/transforms/index.ts';
// Types only: this folder is loaded by the server, which has no stage engine.
import type { StageContext, StageWork } from '../engine/index.ts';
import { contentOf } from './content-of.ts';
import { decodePhoto } from './decode-photo.ts';
import { encodeIndex, indexMediaType } from './index-file.ts';
import { packRows } from './pack-rows.ts';
import { prepareTable } from './prepare-table.ts';
import { readIndex } from './read-index.ts';

/** The inputs of preparing one dataset. */
export interface PrepareInputs {
  readonly dataset: LockedDataset;
  readonly split: SplitDefinition;
  /** In the order of the network's outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly table?: TableDefinition;
  /** How a table is encoded; for networks left out. */
  readonly encoding?: TablePreprocessing['encoding'];
  /** Reuse the preprocessing of this prepared set, and take any label: for out-of-distribution sets and earlier models. */
  readonly fitted?: PrepareOutput;
  /** What is held back, as a test split, instead of everything else. */
  readonly part?: Part;
}

/**
 * Decodes every example of a dataset once, as the network sees it except for the scale, and packs them into
 * shards: uint8 RGB for images, encoded float32 for tables. Reads `imageSize`.
 *
 * @throws MainstemError PREPARE_UNREADABLE naming the file or row, PREPARE_LABEL_UNKNOWN, PREPARE_EMPTY
 */
export const prepareStage: StageWork<PrepareInputs, PrepareOutput> = {
  entry: import.meta.filename,
  parameters: ['imageSize'],
  resources: { cpus: 2, memoryMb: 512 },
  async run(context, inputs, parameters) {
    const { table, ...others } = inputs;
    const { examples, contents, ...prepared } = table
      ? await prepareTable(context, { ...others, table }, (all) => checkExamples(all, inputs))
      : await preparePhotos(context, inputs, parameters);
    const index: PreparedIndex = {
      ...{ version: 1, classes: [...inputs.classes], ...prepared },
      rows: examples.map(({ group: _, ...example }, at) => ({
        ...example,
        content: contents[at] ?? '',
      })),
    };
    return {
      index: await context.store.put(encodeIndex(index), indexMediaType),
      shards: prepared.shards.map(({ artefact }) => artefact),
      rows: examples.length,
    };
  },
};

async function preparePhotos(
  context: StageContext,
  inputs: PrepareInputs,
  parameters: Readonly<Record<string, unknown>>,
) {
  const { store } = context;
  const { dataset, split, fitted, part } = inputs;
  const examples = await readExamples(store, dataset, { split, part });
  checkExamples(examples, inputs);
  const preprocessing = fitted
    ? (await readIndex(store, fitted)).preprocessing
    : imagePreprocessing(Number(parameters.imageSize));
  if (preprocessing.kind !== 'image') throw new Error('photos are prepared for another network');
  const { size } = preprocessing;
  const seen = new Map<Example, string>();
  const entry = new URL('./decode-worker.ts', import.meta.url);
  await using threads = openThreadsFor(examples.length, entry, decodePhoto);
  const encode = (example: Example) =>
    named(pathOf(dataset.path, example), async () => {
      const bytes = await store.get(example.digest);
      const pixels = await threads.run({ bytes, size });
      seen.set(example, contentOf(pixels));
      return pixels;
    });
  const shape = [size, size, 3];
  const shards = await withProgress(context, dataset, examples, (advance) =>
    packRows(context, examples, { rowBytes: size * size * 3, encode, advance }),
  );
  const contents = examples.map((example) => seen.get(example) ?? '');
  return { dtype: 'uint8' as const, shape, preprocessing, shards, examples, contents };
}

/** @throws MainstemError PREPARE_EMPTY, PREPARE_LABEL_UNKNOWN */
function checkExamples(examples: readonly Example[], inputs: PrepareInputs): void {
  const { path } = inputs.dataset;
  if (examples.length === 0) throw new MainstemError('PREPARE_EMPTY', { path });
  if (inputs.fitted) return;
  const classes = new Set(inputs.classes);
  const isLog = inputs.table?.labelScale === 'log';
  const isNumber = (label: string) => {
    const value = parseNumber(label);
    return value !== null && (value > 0 || !isLog);
  };
  const wrong = examples.find(({ label }) =>
    classes.size > 0 ? !classes.has(label) : !isNumber(label),
  );
  if (!wrong) return;
  const { label } = wrong;
  const known = inputs.classes.join(', ') || (isLog ? 'numbers above 0' : 'numbers');
  throw new MainstemError('PREPARE_LABEL_UNKNOWN', { path: pathOf(path, wrong), label, known });
}

/** Names the example in its error. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  return work().catch((cause: unknown) => {
    if (!isMainstemError(cause)) throw cause;
    const reason = String(cause.details.reason ?? cause.message.replace(/\.$/, ''));
    throw new MainstemError('PREPARE_UNREADABLE', { path, reason }, { cause });
  });
}

function pathOf(datasetPath: string, { id, row }: Example): string {
  return row === undefined ? `${datasetPath}/${id}` : `${datasetPath}, row ${row}`;
}

async function withProgress<T>(
  { workspace }: StageContext,
  dataset: LockedDataset,
  examples: readonly Example[],
  work: (advance: () => void) => Promise<T>,
): Promise<T> {
  const progress = workspace.reporter.progress(
    `Preparing ${dataset.path}`,
    examples.length,
    'photos',
  );
  let done = 0;
  try {
    return await work(() => progress.update(++done));
  } finally {
    progress.end();
  }
}
