import { plural } from '../platform/lib/plural.ts';
import { modelKind } from '../platform/schemas/define/index.ts';
import type { BackendChoice, ModelRecord, SeedSpread } from '../platform/schemas/index.ts';
import { backendFor } from './backend-for.ts';
import type { ProjectContext } from './context.ts';
import { createFlow } from './engine/index.ts';
import { measureSeeds, readPredictions, type SeedModel } from './evaluation/index.ts';
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
  const { store, workspace, project } = context;
  const { parameters } = project;
  const own: SeedModel = {
    seed: parameters.seed,
    weights: candidate.training.weights.digest,
    predictions: await readPredictions(store, candidate.evaluation.predictions),
  };
  const models = [own];
  for (let number = 1; number < seeds; number++) {
    const seed = ((parameters.seed - 1 + number) % largestSeed) + 1;
    workspace.reporter.info(`Seed ${seed} (${number + 1} of ${plural(seeds, 'seed')}) …`);
    models.push(await trainSeed(context, seed, request));
  }
  return measureSeeds(models, candidate);
}

async function trainSeed(
  { workspace, store, project, lock }: ProjectContext,
  seed: number,
  { backend, force = false }: Omit<SeedRequest, 'seeds'>,
): Promise<SeedModel> {
  const { definition } = project;
  const seeded = { ...project, parameters: { ...project.parameters, seed } };
  const selection = { to: 'evaluate', ...(force && { from: 'train' }) };
  const flow = createFlow({ workspace, store, project: seeded, ...selection });
  const materials = materialsOf(definition, lock, await backendFor(definition, backend));
  const { train, evaluate } = declareStages(flow, materials);
  await flow.finish();
  flow.assertSucceeded();
  if (!train?.outputs || !evaluate?.outputs) {
    throw new TypeError(`seed ${seed} of a ${modelKind(definition)} left no result`);
  }
  return {
    seed,
    weights: train.outputs.weights.digest,
    predictions: await readPredictions(store, evaluate.outputs.predictions),
  };
}
