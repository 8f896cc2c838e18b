import type { Digest } from '../platform/lib/hash.ts';
import type { ModelRecord, PreparedRow, SplitName } from '../platform/schemas/index.ts';
import type { Part } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';
import type { RecognisedExamples } from './evaluation/index.ts';
import { readIndex } from './prepare/index.ts';
import { prepareAs } from './prepare-as.ts';
import { type BothData, findUnknown, type Looks, recogniseExamples } from './recognise-examples.ts';

/** The examples of the present data that a model has seen, by their present digests. */
export interface LearntExamples {
  readonly trained: ReadonlySet<Digest>;
  /** Those that it was trained or validated on: it must not be judged on them. */
  readonly all: ReadonlySet<Digest>;
  /** Of all, those that it has not learnt from under their digests, by how they were recognised. */
  readonly recognised: RecognisedExamples;
}

/** Whose examples are asked for. */
export interface LearntRequest {
  /** The model that must not be judged on what it has learnt. */
  readonly champion: ModelRecord;
  /** Whose data is the present data. */
  readonly candidate: ModelRecord;
  /** What is held back, instead of everything else. */
  readonly part?: Part;
}

const learning = ['train', 'validation'] as const;

/**
 * The examples that a model has seen, wherever the present data puts them and however it writes them: those whose digests it has
 * learnt from, those of a group that it has learnt from, and those that are new to it and may be examples that it has learnt
 * from, changed since: another label, a column more, another cell in a column that it does not take, another file of a photo.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function findLearntExamples(
  context: ProjectContext,
  { champion, candidate, part }: LearntRequest,
): Promise<LearntExamples> {
  const { store, project } = context;
  const { rows: earlier } = await readIndex(store, champion.prepared);
  const isSame = champion.prepared.index.digest === candidate.prepared.index.digest;
  const present = isSame ? earlier : (await readIndex(store, candidate.prepared)).rows;
  const seen = part ? await readAsSeen(context, champion, part) : null;
  const asked = seen ?? present.filter(({ split }) => split !== 'train');
  const both: BothData = { earlier, present, asked, group: project.definition.split.group };
  const unknown = findUnknown(both);
  const looks = unknown.length === 0 ? [] : (seen ?? (await readAsSeen(context, champion)));
  const known = { unknown, looks: looksOf(looks) };
  const recognised = recogniseExamples(both, learning, known);
  return {
    trained: join(earlier, ['train'], recogniseExamples(both, ['train'], known)),
    all: join(earlier, learning, recognised),
    recognised,
  };
}

/** The present data as a model takes it; empty where it cannot be prepared so. */
async function readAsSeen(
  context: ProjectContext,
  model: ModelRecord,
  part?: Part,
): Promise<readonly PreparedRow[]> {
  const { flow, prepared } = prepareAs(context, model, part);
  await flow.finish();
  return prepared?.outputs ? (await readIndex(context.store, prepared.outputs)).rows : [];
}

function looksOf(rows: readonly PreparedRow[]): Looks {
  return new Map(rows.map(({ digest, content }) => [digest, content]));
}

function join(
  earlier: readonly PreparedRow[],
  splits: readonly SplitName[],
  { group, content }: RecognisedExamples,
): Set<Digest> {
  const learnt = earlier.filter(({ split }) => splits.includes(split));
  return new Set([...learnt.map(({ digest }) => digest), ...group, ...content]);
}
