import { plural } from '../platform/lib/plural.ts';
import type { BackendChoice, ModelRecord, SeedSpread } from '../platform/schemas/index.ts';
import { backendFor } from './backend-for.ts';
import type { ProjectContext } from './context.ts';
import { createFlow } from './engine/index.ts';
import {
  type MeasuredSeed,
  measureSeed,
  readPredictions,
  spreadSeeds,
} from './evaluation/index.ts';
import { materialsOf } from './materials.ts';
import { declareStages } from './run.ts';

const largestSeed = 2 ** 31 - 1;

/** How many seeds, and how each is trained. */
export interface SeedRequest {
  /** The model's own seed among them; at least 2. */
  readonly seeds: number;
  readonly backend: BackendChoice;
  /** Trains them again even if results exist. */
  readonly force?: boolean;
}

/**
 * Trains the parameters of a candidate with further seeds, the next ones after its own, and measures how much the models
 * differ. Each is a run of its own key up to its evaluation, so that what was trained once is reused; none is packaged,
 * because none can become the candidate.
 *
 * @throws MainstemError what a stage throws
 */
export async function trainSeeds(
  context: ProjectContext,
  candidate: ModelRecord,
  { seeds, ...request }: SeedRequest,
): Promise<SeedSpread> {
  const { workspace, project } = context;
  const { seed: own } = project.parameters;
  const models = [await measure(context, candidate, { seed: own, ...candidate })];
  for (let number = 1; number < seeds; number++) {
    const seed = ((own - 1 + number) % largestSeed) + 1;
    workspace.reporter.info(`Seed ${seed} (${number + 1} of ${plural(seeds, 'seed')}) …`);
    const trained = await trainSeed(context, seed, request);
    models.push(await measure(context, candidate, trained));
  }
  return spreadSeeds(models);
}

/** A model of one seed. */
type TrainedSeed = Pick<ModelRecord, 'training' | 'evaluation'> & { readonly seed: number };

async function measure(
  { store }: ProjectContext,
  candidate: ModelRecord,
  { seed, training, evaluation }: TrainedSeed,
): Promise<MeasuredSeed> {
  const predictions = await readPredictions(store, evaluation.predictions);
  return measureSeed({ seed, weights: training.weights.digest, predictions }, candidate);
}

async function trainSeed(
  { workspace, store, project, lock }: ProjectContext,
  seed: number,
  { backend, force = false }: Omit<SeedRequest, 'seeds'>,
): Promise<TrainedSeed> {
  const { definition } = project;
  const seeded = { ...project, parameters: { ...project.parameters, seed } };
  const selection = { to: 'evaluate', ...(force && { from: 'train' }) };
  const flow = createFlow({ workspace, store, project: seeded, ...selection });
  const materials = materialsOf(definition, lock, await backendFor(definition, backend));
  const { train, evaluate } = declareStages(flow, materials);
  await flow.finish();
  flow.assertSucceeded();
  if (!train?.outputs || !evaluate?.outputs) throw new TypeError(`seed ${seed} left no result`);
  return { seed, training: train.outputs, evaluation: evaluate.outputs };
}
