import { describe, expect, test } from 'vitest';
import { judgeFit } from '../../../../pipeline/evaluation/judge-fit.ts';
import type { Epoch, TrainOutput } from '../../../../platform/schemas/index.ts';
import { buildRecord, pumpkins } from '../../../helpers/model-repository.ts';

const artefact = { digest: `sha256:${'0'.repeat(64)}`, bytes: 1, mediaType: 'text/plain' } as const;
const { training } = buildRecord(pumpkins, artefact);

interface Curve {
  readonly losses: readonly number[];
  readonly train: number;
  readonly validation?: number;
  readonly stopped?: 'epochs' | 'early';
}

/** A training that kept the epoch with the lowest validation loss; its metrics do not change. */
function trainedAs({ losses, train, validation = train, stopped = 'epochs' }: Curve): TrainOutput {
  const epochs = losses.map(
    (loss, index): Epoch => ({
      ...{ epoch: index + 1, learningRate: 0.001 },
      ...{ trainLoss: loss, trainMetric: train },
      ...{ validationLoss: loss, validationMetric: validation },
    }),
  );
  const bestEpoch = losses.indexOf(Math.min(...losses)) + 1;
  return { ...training, epochs, bestEpoch, stopped };
}

const falling = [1.1, 1, 0.9, 0.8, 0.7, 0.6];
const settled = [1.1, 0.6, 0.5, 0.4, 0.39, 0.385];

describe('a classifier', () => {
  test.each<[string, string, Curve]>([
    ['good', 'settled and accurate', { losses: settled, train: 0.95 }],
    ['over', 'much better on training', { losses: settled, train: 0.99, validation: 0.8 }],
    ['under', 'settled, but nearer to guessing', { losses: settled, train: 0.645 }],
    ['good', 'just nearer to right', { losses: settled, train: 0.67 }],
    ['good', 'poor only on augmented photos', { losses: settled, train: 0.645, validation: 0.9 }],
    ['under', 'its loss still falling at the last epoch', { losses: falling, train: 0.8 }],
    ['good', 'stopped early', { losses: falling, train: 0.8, stopped: 'early' }],
    ['good', 'best before the last epoch', { losses: [...falling, 0.61], train: 0.8 }],
    ['under', 'after two epochs', { losses: [1, 0.7], train: 0.8 }],
    ['good', 'after one epoch', { losses: [1], train: 0.8 }],
  ])('is %s: %s', (verdict, _what, curve) => {
    expect(judgeFit(trainedAs(curve), 1 / 3).verdict).toBe(verdict);
  });

  test('of unequal classes has to be better than the commonest of them', () => {
    const trained = trainedAs({ losses: settled, train: 0.92 });
    expect(judgeFit(trained, 0.5).verdict).toBe('good');
    const { verdict, message } = judgeFit(trained, 0.9);
    expect(verdict).toBe('under');
    expect(message).toContain('always predicting the commonest class reaches 0.900');
  });
});

test('of trees it speaks of rounds and leaves', () => {
  const trained = trainedAs({ losses: settled, train: 0.99, validation: 0.8 });
  const { message } = judgeFit({ ...trained, kind: 'trees' }, 1 / 3);
  expect(message).toMatch(/at round \d+\).* fewer leaves/);
  expect(message).not.toMatch(/epoch|network/);
});

describe('a regression', () => {
  test.each<[string, Curve]>([
    ['good', { losses: settled, train: 300, validation: 310 }],
    ['under', { losses: falling, train: 300 }],
    ['over', { losses: settled, train: 100, validation: 200 }],
  ])('is judged %s by its curves', (verdict, curve) => {
    expect(judgeFit(trainedAs(curve), null).verdict).toBe(verdict);
  });
});
