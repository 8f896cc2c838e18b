import { createRandom } from '../../platform/lib/random.ts';

const [batchSize, learningRate, penalty] = [32, 0.1, 0.0001];
/** Of Adam's running means. */
const [memory, squareMemory, tiny] = [0.9, 0.999, 1e-8];

/** What is gone through. */
export interface Course {
  /** Points by place. */
  readonly rows: readonly number[];
  /** How often each is seen. */
  readonly passes: number;
  /** Names the order in which rows are gone through. */
  readonly seed: string;
}

/**
 * Moves weights against the gradient over small batches, by Adam (Kingma and Ba, 2015), its rate falling to 0 as a cosine.
 *
 * @param weights are changed @param gradientOf the mean gradient over some rows
 */
export function descend(
  weights: Float32Array,
  { rows, passes, seed }: Course,
  gradientOf: (rows: readonly number[]) => Float32Array,
): void {
  const move = createDescent(weights);
  const random = createRandom(seed);
  const steps = passes * Math.ceil(rows.length / batchSize);
  let step = 0;
  for (let pass = 0; pass < passes; pass++) {
    const order = random.shuffle(rows);
    for (let from = 0; from < order.length; from += batchSize) {
      const rate = (learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      move(gradientOf(order.slice(from, from + batchSize)), rate);
      step += 1;
    }
  }
}

function createDescent(weights: Float32Array): (gradient: Float32Array, rate: number) => void {
  const [means, squares] = [new Float32Array(weights.length), new Float32Array(weights.length)];
  let step = 0;
  return (gradient, rate) => {
    step += 1;
    const [warm, warmSquare] = [1 - memory ** step, 1 - squareMemory ** step];
    for (let at = 0; at < weights.length; at++) {
      const weight = weights[at] ?? 0;
      const slope = (gradient[at] ?? 0) + penalty * weight;
      const mean = memory * (means[at] ?? 0) + (1 - memory) * slope;
      const square = squareMemory * (squares[at] ?? 0) + (1 - squareMemory) * slope * slope;
      means[at] = mean;
      squares[at] = square;
      weights[at] = weight - (rate * mean) / warm / (Math.sqrt(square / warmSquare) + tiny);
    }
  };
}
