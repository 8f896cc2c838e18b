import type {
  GateResult,
  MetricSpread,
  ModelRecord,
  Prediction,
  SeedSpread,
} from '../platform/schemas/index.ts';
import { type Claim, compareClaims, denyStatement } from './check-claims.ts';
import { measureSeed } from './evaluation/index.ts';
import { seedsAfter } from './seeds-after.ts';

/** What is computed and what is stated differ by rounding. */
const rounding = 1e-6;

/**
 * A failed gate for each thing that a record says of other seeds and that its own model contradicts: other seeds than those
 * that follow its own, more models than seeds, and a mean so far from its own value that no such deviation could be.
 *
 * @param predictions those of the record's own model
 */
export function checkSeeds(
  { seeds, parameters, training, ...record }: ModelRecord,
  predictions: readonly Prediction[],
): GateResult[] {
  if (!seeds) return [];
  const [seed = 0] = seeds.seeds;
  const own = measureSeed({ seed, weights: training.weights.digest, predictions }, record);
  return [
    ...checkList(seeds, parameters.seed),
    ...seeds.validation.flatMap(checkSpread('validation', seeds, own.validation)),
    ...seeds.test.flatMap(checkSpread('test', seeds, own.test)),
  ];
}

/** A failed gate for each spread that is stated otherwise than all its models were measured. */
export function compareSeeds(stated: SeedSpread, measured: SeedSpread): GateResult[] {
  return compareClaims(spreadClaims(stated), spreadClaims(measured));
}

function checkList({ seeds, models }: SeedSpread, own: unknown): GateResult[] {
  const text = seeds.join(', ');
  const expected = typeof own === 'number' ? seedsAfter(own, seeds.length).join(', ') : text;
  if (text !== expected) return [denyStatement('seeds', text, `not ${expected}`)];
  if (models >= 1 && models <= seeds.length) return [];
  return [denyStatement('models of seeds', String(models), `of ${seeds.length} seeds`)];
}

/** Of n numbers none is further from their mean than deviation × (n − 1) / √n, whatever the others are. */
function checkSpread(split: string, { seeds }: SeedSpread, own: ReadonlyMap<string, number>) {
  const reach = (seeds.length - 1) / Math.sqrt(seeds.length);
  return ({ name, mean, deviation }: MetricSpread): GateResult[] => {
    const value = own.get(name);
    const room = deviation * reach + rounding * Math.max(1, Math.abs(mean));
    if (value !== undefined && deviation >= 0 && Math.abs(value - mean) <= room) return [];
    const found =
      value === undefined ? 'which was not measured' : `and the model’s own is ${value}`;
    return [denyStatement(`${name} of seeds on ${split}`, `${mean} ± ${deviation}`, found)];
  };
}

function spreadClaims({ models, validation, test }: SeedSpread): Claim[] {
  return [
    { name: 'models of seeds', values: [models], text: String(models) },
    ...validation.map((spread) => spreadClaim('validation', spread)),
    ...test.map((spread) => spreadClaim('test', spread)),
  ];
}

function spreadClaim(split: string, { name, mean, deviation, byExamples }: MetricSpread): Claim {
  return {
    name: `${name} of seeds on ${split}`,
    values: [mean, deviation, ...(byExamples === undefined ? [] : [byExamples])],
    text: `${mean} ± ${deviation}`,
  };
}
