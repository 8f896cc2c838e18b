import { join } from 'node:path';
import { Type } from 'typebox';
import {
  defineProject,
  type NetworkParameters,
  type Project,
  type ProjectInput,
} from '../../platform/schemas/define/index.ts';

/** The parameters of the smallest project. */
export const minimalParameters: NetworkParameters = {
  seed: 7,
  imageSize: 64,
  epochs: 1,
  batchSize: 32,
  learningRate: 0.001,
  learningRateSchedule: 'constant',
  earlyStopping: 0,
  classWeights: 'none',
  augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
  thresholds: { acceptance: 0.95 },
  model: {},
};

/** The smallest image project: all that a definition requires, and nothing else. */
export const minimalDefinition: ProjectInput = {
  name: 'pumpkins',
  task: 'image-classification',
  data: { name: 'pumpkins', path: 'data/pumpkins', source: 'test', licence: 'CC0-1.0' },
  classes: ['good', 'ok', 'bad'],
  split: { seed: 1 },
  parameters: Type.Object({}),
  model: ({ layers }) => layers.sequential(),
  gates: [],
  budgets: { modelBytes: 1e6, latencyMs: 10 },
  page: { title: 'Pumpkins', intro: 'Is it good?', refusal: 'That is not a pumpkin.' },
};

/**
 * The smallest project with what a test changes of it; the only place that names every required field. A regression
 * loses the classes.
 *
 * @param root the repository's folder; the project is below it in pipeline/projects
 */
export function buildProject(
  root: string,
  changed: Partial<ProjectInput> = {},
  parameters: Partial<NetworkParameters> = {},
): Project {
  const { classes, ...others } = { ...minimalDefinition, ...changed };
  const named = classes && others.task !== 'tabular-regression' ? { classes } : {};
  const definition = defineProject({ ...others, ...named });
  return {
    definition,
    parameters: { ...minimalParameters, ...parameters },
    folder: join(root, 'pipeline/projects', definition.name),
  };
}

/** The smallest project of a table, with parameters that a test changes. */
export function buildRegression(parameters: Partial<NetworkParameters> = {}): Project {
  const definition: Partial<ProjectInput> = {
    name: 'tiny',
    task: 'tabular-regression',
    data: { name: 'tiny', path: 'tiny.csv', source: 'test', licence: 'CC0-1.0' },
    table: { label: 'y', features: { x: { kind: 'number' } } },
  };
  return buildProject('/nowhere', definition, parameters);
}
