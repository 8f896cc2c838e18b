import { countBy } from '../../platform/lib/count-by.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { createRandom } from '../../platform/lib/random.ts';

/** What near examples say of labels, beside what any example says. */
export interface NearnessTrial {
  /** The share of examples whose nearest one has their label; of numbers how far the two differ on average. */
  readonly nearest: number;
  /** The same of an example drawn blindly. */
  readonly chance: number;
  /** Whether the nearest say more than chance explains, at 2.5 % one-sided. */
  readonly informs: boolean;
}

/** An example's label, and that of the example nearest to it. */
export interface LabelPair {
  readonly label: string;
  readonly nearest: string;
}

/** The normal quantile that 1 of 40 exceed. */
const z = 1.96;

/** Tries whether near examples have the same class. @param all the classes of all that could be near */
export function tryClasses(pairs: readonly LabelPair[], all: readonly string[]): NearnessTrial {
  const counts = countBy(all, (label) => label);
  const shareOf = ({ label }: LabelPair) => (ownValue(counts, label) ?? 0) / all.length;
  const nearest = meanOf(pairs.map(({ label, nearest }) => (label === nearest ? 1 : 0)));
  const chance = meanOf(pairs.map(shareOf));
  const deviation = Math.sqrt((chance * (1 - chance)) / pairs.length);
  return { nearest, chance, informs: nearest > chance + z * deviation };
}

/** Tries whether near examples have similar numbers. @param all the numbers of all that could be near */
export function tryNumbers(pairs: readonly LabelPair[], all: readonly string[]): NearnessTrial {
  const random = createRandom('nearness by chance');
  const drawn = pairs.map(() => Number(all[random.int(all.length)]));
  const near = pairs.map(({ label, nearest }) => Math.abs(Number(label) - Number(nearest)));
  const any = pairs.map(({ label }, at) => Math.abs(Number(label) - (drawn[at] ?? 0)));
  const gains = any.map((distance, at) => distance - (near[at] ?? 0));
  const gain = meanOf(gains);
  const variance = meanOf(gains.map((value) => (value - gain) ** 2));
  const informs = gain > z * Math.sqrt(variance / pairs.length);
  return { nearest: meanOf(near), chance: meanOf(any), informs };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
