import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { plural } from '../platform/lib/plural.ts';
import type {
  BackendChoice,
  BackendInfo,
  ModelRecord,
  SeedSpread,
} from '../platform/schemas/index.ts';
import { backendFor, recordedBackendFor } from './backend-for.ts';
import type { ProjectContext } from './context.ts';
import { createFlow, type FlowSelection } from './engine/index.ts';
import {
  type MeasuredSeed,
  measureSeed,
  readPredictions,
  spreadSeeds,
} from './evaluation/index.ts';
import { materialsOf } from './materials.ts';
import type { StageHandles } from './record.ts';
import { declareStages } from './run.ts';
import { seedsAfter } from './seeds-after.ts';

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
  const [own = 0, ...others] = seedsAfter(project.parameters.seed, seeds);
  const models = [await measure(context, candidate, { seed: own, ...candidate })];
  for (const [at, seed] of others.entries()) {
    workspace.reporter.info(`Seed ${seed} (${at + 2} of ${plural(seeds, 'seed')}) …`);
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

/**
 * The same from the results in the store alone, without training.
 *
 * @returns null where one of them is not there, or the project's parameters are not the candidate's
 */
export async function recallSeeds(
  context: ProjectContext,
  candidate: ModelRecord,
  seeds: number,
): Promise<SeedSpread | null> {
  const { definition, parameters } = context.project;
  if (canonicalJson(parameters) !== canonicalJson(candidate.parameters)) return null;
  const backend = await recordedBackendFor(definition, candidate);
  const [own = 0, ...others] = seedsAfter(parameters.seed, seeds);
  const models = [await measure(context, candidate, { seed: own, ...candidate })];
  for (const seed of others) {
    const { train, evaluate } = await runSeed(context, seed, backend, { dryRun: true });
    if (!train?.outputs || !evaluate?.outputs) return null;
    if (!(await context.store.has(evaluate.outputs.predictions.digest))) return null;
    const trained = { seed, training: train.outputs, evaluation: evaluate.outputs };
    models.push(await measure(context, candidate, trained));
  }
  return spreadSeeds(models);
}

async function trainSeed(
  context: ProjectContext,
  seed: number,
  { backend, force = false }: Omit<SeedRequest, 'seeds'>,
): Promise<TrainedSeed> {
  const chosen = await backendFor(context.project.definition, backend);
  const selection = force ? { from: 'train' } : {};
  const { train, evaluate } = await runSeed(context, seed, chosen, selection);
  if (!train?.outputs || !evaluate?.outputs) throw new TypeError(`seed ${seed} left no result`);
  return { seed, training: train.outputs, evaluation: evaluate.outputs };
}

async function runSeed(
  { workspace, store, project, lock }: ProjectContext,
  seed: number,
  backend: BackendInfo,
  selection: FlowSelection,
): Promise<StageHandles> {
  const seeded = { ...project, parameters: { ...project.parameters, seed } };
  const flow = createFlow({ workspace, store, project: seeded, to: 'evaluate', ...selection });
  const handles = declareStages(flow, materialsOf(project, lock, backend));
  await flow.finish();
  flow.assertSucceeded();
  return handles;
}
