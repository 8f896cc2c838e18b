import { join } from 'node:path';
import { Default } from 'typebox/value';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { parseJsonText } from '../../platform/lib/json-text.ts';
import { projectsFolder } from '../../platform/lib/layout.ts';
import { readTextIfThere } from '../../platform/lib/read-text.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { logLoss, mae, metricsFor } from '../../platform/quality/index.ts';
import {
  modelKind,
  type Project,
  SweepDefinition,
  type SweptParameter,
} from '../../platform/schemas/define/index.ts';
import { changeParameters, valuesOf } from './change-parameters.ts';
import { type Dimension, dimensionOf } from './dimension.ts';
import { findUnused } from './find-unused.ts';
import type { Objective } from './pareto-front.ts';
import { gridSize, type Values } from './search.ts';
import { mostSobolDimensions } from './sobol.ts';

/** What sweep.json says, checked against the project. */
export interface Sweep {
  readonly definition: SweepDefinition;
  readonly dimensions: readonly Dimension[];
  /** The first decides. */
  readonly objectives: readonly Objective[];
  /** Today's values of what is searched. */
  readonly today: Values;
  /** What the file says and the method does not look at, for a person. */
  readonly unused: readonly string[];
}

/** What is measured of a model's file rather than of its answers. */
export const footprints = ['modelBytes', 'latencyMs'] as const;

/** A grid is held in memory as a whole; nobody trains so many models. */
const mostGridPoints = 100_000;

/** The path of a project's sweep.json, relative to the repository. */
export function sweepPath(project: string): string {
  return `${projectsFolder}/${project}/sweep.json`;
}

/**
 * Reads a project's sweep.json. Every value of its lists and both ends of its ranges must be ones that params.json may
 * have.
 *
 * @throws MainstemError SWEEP_UNDEFINED, SWEEP_INVALID, FILE_UNREADABLE, JSON_INVALID
 */
export async function loadSweep(root: string, project: Project): Promise<Sweep> {
  const path = sweepPath(project.definition.name);
  const text = await readTextIfThere(join(root, path), path);
  if (text === null) throw new MainstemError('SWEEP_UNDEFINED', { path });
  return parseSweep(text, project, path);
}

/** Parses the text of a sweep.json. @throws as {@link loadSweep} */
export function parseSweep(text: string, project: Project, path: string): Sweep {
  const value = parseJsonText(text, path);
  const fault = findSchemaFault(SweepDefinition, value);
  const wrong = (key: string, reason: string): MainstemError =>
    new MainstemError('SWEEP_INVALID', { path, key, reason });
  if (fault) throw wrong(fault.key, `is ${fault.value}, but must be ${fault.allowed}`);
  // Filling in defaults changes the value itself.
  const written: unknown = structuredClone(value);
  // The schema has just passed it; defaults are what it is filled with.
  const definition = Default(SweepDefinition, value) as SweepDefinition;
  const mistake = findMistake(definition, project);
  if (mistake) throw wrong(mistake.key, mistake.reason);
  const dimensions = Object.entries(definition.space).map(([key, swept]) =>
    dimensionOf(key, swept),
  );
  for (const dimension of dimensions) assertAllowed(dimension, project, wrong);
  const points = gridSize(dimensions);
  if (definition.method === 'grid' && points > mostGridPoints) {
    const reason = `has ${points} combinations; a grid may have ${mostGridPoints}: leave out values or steps, or take another method`;
    throw wrong('space', reason);
  }
  const today = valuesOf(project.parameters, dimensions);
  const unused = findUnused(written, definition, points);
  return { definition, dimensions, objectives: objectivesOf(definition, project), today, unused };
}

interface Mistake {
  readonly key: string;
  readonly reason: string;
}

/** What a schema cannot say. */
function findMistake(definition: SweepDefinition, project: Project): Mistake | null {
  const { space, method } = definition;
  const keys = Object.keys(space);
  if (keys.length === 0) return { key: 'space', reason: 'names no parameter to search' };
  if (method === 'sobol' && keys.length > mostSobolDimensions) {
    const reason = `names ${keys.length} parameters; a Sobol sequence has numbers for ${mostSobolDimensions}`;
    return { key: 'space', reason };
  }
  for (const [key, swept] of Object.entries(space)) {
    const reason = findShapeMistake(swept) ?? findKeyMistake(key, keys, definition, project);
    if (reason !== null) return { key: `space.${key}`, reason };
  }
  return findObjectiveMistake(definition, project);
}

function findShapeMistake({ values, whole, real, scale }: SweptParameter): string | null {
  const given = [values, whole, real].filter((one) => one !== undefined).length;
  if (given !== 1) return 'must have exactly one of values, whole and real';
  const range = whole ?? real;
  if (!range) return null;
  const [from, to] = range;
  if (from > to) return `goes from ${from} to ${to}, which is less`;
  if (from === to) return `has the one value ${from}: leave it out and write it into params.json`;
  // Whole numbers reach half a step below their first.
  if (scale === 'logarithmic' && from <= 0)
    return `begins at ${from}: a logarithmic scale begins above 0`;
  return null;
}

function findKeyMistake(
  key: string,
  keys: readonly string[],
  { method }: SweepDefinition,
  { definition }: Project,
): string | null {
  const outer = keys.find((other) => key.startsWith(`${other}.`));
  if (outer !== undefined) return `is a part of ${outer}, which is searched as a whole`;
  if (key === 'seed') return 'would choose the luckiest seed, which helps on no other data';
  if (/^thresholds(\.|$)/.test(key)) {
    return 'is not read by training, so the metrics of validation say nothing about it';
  }
  if (method !== 'halving' && method !== 'hyperband') return null;
  const length = budgetKey(modelKind(definition));
  if (key === length || key === length.split('.')[0]) {
    return `is what ${method} divides: params.json says how long a whole training is`;
  }
  if (key !== 'classWeights' && key !== 'model.loss') return null;
  return `changes what the validation loss means, by which ${method} compares`;
}

/** The parameter that says how long a whole training is. */
export function budgetKey(kind: 'network' | 'trees'): 'epochs' | 'model.trees' {
  return kind === 'trees' ? 'model.trees' : 'epochs';
}

function findObjectiveMistake(
  { objectives }: SweepDefinition,
  { definition }: Project,
): Mistake | null {
  const known = [...metricsFor(definition.task, false).map(({ name }) => name), ...footprints];
  const at = objectives.findIndex((name) => !known.includes(name));
  if (at >= 0) {
    const reason = `is ${JSON.stringify(objectives[at])}, but must be one of ${known.join(', ')}`;
    return { key: `objectives.${at}`, reason };
  }
  const twice = objectives.find((name, index) => objectives.indexOf(name) !== index);
  return twice === undefined ? null : { key: 'objectives', reason: `names ${twice} twice` };
}

function objectivesOf({ objectives }: SweepDefinition, { definition }: Project): Objective[] {
  const metrics = metricsFor(definition.task, false);
  const fallback = definition.task === 'tabular-regression' ? mae.name : logLoss.name;
  const names = objectives.length > 0 ? objectives : [fallback];
  return names.map((name) => ({
    name,
    better: metrics.find((metric) => metric.name === name)?.better ?? 'lower',
  }));
}

/** Values of each kind that a trial may be given: of a range its ends, and of one of any numbers one that is not whole. */
function exampleValues(dimension: Dimension): readonly unknown[] {
  if (dimension.kind === 'values') return dimension.values;
  const { kind, from, to } = dimension;
  const between = from + (to - from) / Math.PI;
  return kind === 'real' ? [from, to, between] : [from, to];
}

function assertAllowed(
  dimension: Dimension,
  project: Project,
  wrong: (key: string, reason: string) => MainstemError,
): void {
  const { key } = dimension;
  for (const value of exampleValues(dimension)) {
    try {
      changeParameters(project, { [key]: value });
    } catch (error) {
      if (!isMainstemError(error)) throw error;
      const { key: at, value: found, allowed } = error.details;
      const advice = dimension.kind === 'real' && allowed === 'integer' ? ': write whole' : '';
      throw wrong(`space.${key}`, `would make ${at} ${found}, but it must be ${allowed}${advice}`);
    }
  }
}
