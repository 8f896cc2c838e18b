import type { AdamOptimizer } from './optimizer.ts';

/** An Adam optimiser for the current backend. The caller disposes it. */
export async function createOptimizer(learningRate: number): Promise<AdamOptimizer> {
  const { AdamOptimizer: Adam } = await import('./optimizer.ts');
  return new Adam(learningRate);
}
