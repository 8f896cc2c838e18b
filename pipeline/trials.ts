import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import {
  EvaluateOutput,
  type ModelRecord,
  PrepareOutput,
  type StageRecord,
  stages,
} from '../platform/schemas/index.ts';
import type { Store } from '../platform/storage/index.ts';

/** What is known of the models that were measured on a version of the test data. */
export interface Trials {
  /** How many, the candidate among them and the champion not. */
  readonly candidates: number;
  /** Where they are known from, to follow "by". */
  readonly known: string;
}

/** What candidates are counted by. */
export interface TrialSources {
  readonly candidate: ModelRecord;
  readonly champion: ModelRecord | null;
  /** The project's dataset, by its name in data.lock.json: another version of it is another test. */
  readonly dataset: string;
  /** Records of the model in git. */
  readonly records: readonly ModelRecord[];
  /** What stages left in this machine's store; null where only git is asked. */
  readonly stages: readonly StageRecord[] | null;
}

/**
 * Counts the models of a project that are known to have been measured on the candidate's test data. Two are the same if
 * their weights are. What was tried on other machines and never promoted has left no trace here, so there may be more.
 */
export function countTrials({ candidate, champion, dataset, ...sources }: TrialSources): Trials {
  const data = candidate.data[dataset];
  const recorded = sources.records.filter((record) => record.data[dataset] === data);
  const measured = [
    candidate.training.weights.digest,
    ...recorded.map(({ training }) => training.weights.digest),
    ...weightsMeasured(sources.stages ?? [], candidate.model, data),
  ];
  const models = new Set(measured);
  if (champion) models.delete(champion.training.weights.digest);
  const known = sources.stages
    ? 'the records in models/ and the store of this machine'
    : 'the records in models/ of both branches';
  return { candidates: Math.max(1, models.size), known };
}

/** Stage records of a project; those that cannot be read are not counted. */
export async function readStageRecords(
  store: Pick<Store, 'recordKeys' | 'readRecord'>,
  project: string,
): Promise<StageRecord[]> {
  const found: StageRecord[] = [];
  for (const key of await store.recordKeys()) {
    const record = await store.readRecord(key).catch(() => null);
    if (record?.project === project && record.status === 'done') found.push(record);
  }
  return found;
}

/* What a stage record keeps of its inputs is not all that they had, so only what is needed is asked for. */
const Identified = Type.Object({ digest: Type.String() });
const PreparedData = Type.Object({ dataset: Identified });
const Packaged = Type.Object({ trained: Type.Object({ weights: Identified }) });
const Evaluated = Type.Object({
  prepared: Type.Object({ index: Identified }),
  ...Packaged.properties,
});

/**
 * The weights of the models that were evaluated on a version of the data. What was never packaged was never a candidate, and no
 * report says what it reached on the test split: further seeds of a candidate, models without some of the columns.
 */
function weightsMeasured(
  records: readonly StageRecord[],
  project: string,
  data: string | undefined,
): string[] {
  const own = records.filter((record) => record.project === project);
  const prepared = new Set(own.flatMap((record) => indexOf(record, data)));
  const packaged = new Set(own.flatMap(packagedWeights));
  return own.flatMap((record) => {
    const { stage, inputs } = record.ingredients;
    if (stage !== stages.evaluate.name || !Check(EvaluateOutput, record.outputs)) return [];
    if (!Check(Evaluated, inputs) || !prepared.has(inputs.prepared.index.digest)) return [];
    const { digest } = inputs.trained.weights;
    return packaged.has(digest) ? [digest] : [];
  });
}

/** The weights that a record packages. */
function packagedWeights({ ingredients: { stage, inputs } }: StageRecord): string[] {
  if (stage !== stages.package.name || !Check(Packaged, inputs)) return [];
  return [inputs.trained.weights.digest];
}

/**
 * The rows that a record holds, if it prepared this version of the data for a model of its own: what is prepared as an
 * earlier model was trained serves to compare with that one.
 */
function indexOf(record: StageRecord, data: string | undefined): string[] {
  const { stage, inputs } = record.ingredients;
  if (stage !== stages.prepare.name || !Check(PrepareOutput, record.outputs)) return [];
  if (!Check(PreparedData, inputs) || 'fitted' in inputs) return [];
  const { dataset }: Static<typeof PreparedData> = inputs;
  return dataset.digest === data ? [record.outputs.index.digest] : [];
}
