import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { SplitDefinition, TableDefinition } from '../../platform/schemas/define/index.ts';
import type {
  BlobStore,
  Example,
  LockedDataset,
  PreparedIndex,
  PrepareOutput,
  Preprocessing,
  TablePreprocessing,
} from '../../platform/schemas/index.ts';
import { readExamples } from '../../platform/storage/index.ts';
import {
  decodeImage,
  encodedLength,
  encodeRow,
  fitTable,
  imagePreprocessing,
  parseNumber,
} from '../../platform/transforms/index.ts';
// Types only: this folder is loaded by the server, which has no stage engine.
import type { StageContext, StageWork } from '../engine/index.ts';
import { encodeIndex, indexMediaType } from './index-file.ts';
import { packRows } from './pack-rows.ts';
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
  /** Reuse the preprocessing of this prepared set, and take any label: for out-of-distribution sets. */
  readonly fitted?: PrepareOutput;
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
  resources: { cpus: 1, memoryMb: 512 },
  async run(context, inputs, parameters) {
    const examples = await readKnownExamples(context.store, inputs);
    const preprocessing = await choosePreprocessing(context.store, inputs, examples, parameters);
    const packing = packingOf(context.store, inputs.dataset.path, preprocessing);
    const shards = await withProgress(context, inputs.dataset, examples, (advance) =>
      packRows(context, examples, { ...packing, advance }),
    );
    const index: PreparedIndex = {
      version: 1,
      dtype: packing.dtype,
      shape: packing.shape,
      classes: [...inputs.classes],
      preprocessing,
      shards,
      rows: examples.map(({ group: _, ...example }) => example),
    };
    return {
      index: await context.store.put(encodeIndex(index), indexMediaType),
      shards: shards.map(({ artefact }) => artefact),
      rows: examples.length,
    };
  },
};

async function readKnownExamples(store: BlobStore, inputs: PrepareInputs): Promise<Example[]> {
  const { dataset, split, table, classes } = inputs;
  const examples = await readExamples(store, dataset, { split, ...(table && { table }) });
  if (examples.length === 0) throw new MainstemError('PREPARE_EMPTY', { path: dataset.path });
  if (inputs.fitted) return examples;
  const wrong = examples.find(({ label }) =>
    classes.length > 0 ? !classes.includes(label) : parseNumber(label) === null,
  );
  if (!wrong) return examples;
  const { label } = wrong;
  const path = pathOf(dataset.path, wrong);
  const known = classes.join(', ') || 'numbers';
  throw new MainstemError('PREPARE_LABEL_UNKNOWN', { path, label, known });
}

async function choosePreprocessing(
  store: BlobStore,
  { table, fitted, encoding }: PrepareInputs,
  examples: readonly Example[],
  parameters: Readonly<Record<string, unknown>>,
): Promise<Preprocessing> {
  if (fitted) return (await readIndex(store, fitted)).preprocessing;
  if (!table) return imagePreprocessing(Number(parameters.imageSize));
  const training = examples.filter(({ split }) => split === 'train');
  return fitTable(
    training.map(({ metadata }) => metadata),
    table,
    encoding,
  );
}

/** How one example becomes a row of a shard. */
function packingOf(store: BlobStore, path: string, preprocessing: Preprocessing) {
  const named = async (example: Example, work: () => Promise<Uint8Array>) =>
    work().catch((cause: unknown) => {
      if (!isMainstemError(cause)) throw cause;
      const reason = String(cause.details.reason ?? cause.message.replace(/\.$/, ''));
      const details = { path: pathOf(path, example), reason };
      throw new MainstemError('PREPARE_UNREADABLE', details, { cause });
    });
  if (preprocessing.kind === 'image') {
    const { size } = preprocessing;
    const encode = (example: Example) =>
      named(example, async () => decodeImage(await store.get(example.digest), size));
    return { dtype: 'uint8' as const, shape: [size, size, 3], rowBytes: size * size * 3, encode };
  }
  const length = encodedLength(preprocessing);
  const encode = (example: Example) =>
    named(example, async () => {
      const encoded = encodeRow(preprocessing, example.metadata);
      assertHeld(encoded, preprocessing);
      return bytesOf(encoded);
    });
  return { dtype: 'float32' as const, shape: [length], rowBytes: length * 4, encode };
}

/** Beyond this many deviations from the training rows a network computes infinities. */
const mostDeviations = 1e30;

/** @throws MainstemError TABLE_VALUE_EXTREME; a row that is cut down to size would be another row */
function assertHeld(encoded: Float32Array, { encoding }: TablePreprocessing): void {
  const isMissing = (value: number) => encoding === 'codes' && Number.isNaN(value);
  const extreme = encoded.find(
    (value) => !(Math.abs(value) <= mostDeviations) && !isMissing(value),
  );
  if (extreme === undefined) return;
  const reason = `a number lies ${extreme.toExponential(0)} standard deviations from the training rows`;
  throw new MainstemError('TABLE_VALUE_EXTREME', { reason });
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
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
  const unit = dataset.kind === 'images' ? 'photos' : 'rows';
  const progress = workspace.reporter.progress(`Preparing ${dataset.path}`, examples.length, unit);
  let done = 0;
  try {
    return await work(() => progress.update(++done));
  } finally {
    progress.end();
  }
}
