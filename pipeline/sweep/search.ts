import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { SweepMethod } from '../../platform/schemas/define/index.ts';
import { type Dimension, gridValues } from './dimension.ts';
import { sobolPoint } from './sobol.ts';
import { type Observation, proposeByTpe, valuesAt } from './tpe.ts';

/** The values of the searched parameters, by their keys. */
export type Values = Readonly<Record<string, unknown>>;

/** What a search proposes from. */
export interface SearchOptions {
  readonly method: SweepMethod;
  readonly dimensions: readonly Dimension[];
  readonly seed: number;
}

/** A trial that was proposed before, with its result if that is to be known by now. */
export interface Proposed {
  readonly values: Values;
  /** Null while nobody may know it. */
  readonly loss: number | null;
}

/** So many trials are spread evenly before results decide. */
const startUp = 8;
/** How often a proposal may repeat an earlier one before the space counts as searched. */
const patience = 200;

/**
 * Proposes the next trial. What it proposes follows from its arguments alone, never from which trial ended first, and it
 * proposes nothing twice.
 *
 * @param before all trials before it in their order, today's parameters first
 * @returns null when everything was tried
 */
export function proposeTrial(options: SearchOptions, before: readonly Proposed[]): Values | null {
  const tried = new Set(before.map(({ values }) => canonicalJson(values)));
  const isNew = (values: Values) => !tried.has(canonicalJson(values));
  if (options.method === 'grid') return gridOf(options).find(isNew) ?? null;
  for (let attempt = 0; attempt < patience; attempt++) {
    const values = valuesAt(options.dimensions, draw(options, before, attempt));
    if (isNew(values)) return values;
  }
  return null;
}

function draw(
  options: SearchOptions,
  before: readonly Proposed[],
  attempt: number,
): readonly number[] {
  const { method, dimensions, seed } = options;
  const trial = before.length - 1;
  const random = createRandom(`${seed}/${method}/${trial}/${attempt}`);
  const evenly = () => dimensions.map(() => random.next());
  if (method === 'random' || method === 'halving' || method === 'hyperband') return evenly();
  if (method === 'sobol') return sobolPoint(trial + attempt, dimensions.length, seed);
  // Where a result is still to come nobody looks again: otherwise a batch would try nearly the same several times.
  const known = before.map(
    ({ values, loss }): Observation => ({ values, loss: loss ?? Number.POSITIVE_INFINITY }),
  );
  return trial < startUp || known.length < 2 ? evenly() : proposeByTpe(dimensions, known, random);
}

/** Every combination, in an order that the seed decides, so that the first few are not all alike. */
function gridOf({ dimensions, seed }: SearchOptions): Values[] {
  const combinations = dimensions.reduce<Values[]>(
    (some, dimension) =>
      some.flatMap((values) =>
        gridValues(dimension).map((value) => ({ ...values, [dimension.key]: value })),
      ),
    [{}],
  );
  return createRandom(`${seed}/grid`).shuffle(combinations);
}

/** How many combinations a grid has. */
export function gridSize(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((product, dimension) => product * gridValues(dimension).length, 1);
}
