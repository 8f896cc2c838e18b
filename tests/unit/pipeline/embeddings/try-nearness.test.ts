import { expect, test } from 'vitest';
import { tryClasses, tryNumbers } from '../../../../pipeline/embeddings/index.ts';
import { createRandom } from '../../../../platform/lib/random.ts';

const all = ['a', 'a', 'b', 'b'];

test('near examples with the same class inform, and how many have it is said beside chance', () => {
  const pairs = Array.from({ length: 40 }, (_, at) => ({
    label: at % 2 === 0 ? 'a' : 'b',
    nearest: at % 2 === 0 || at < 10 ? 'a' : 'b',
  }));
  expect(tryClasses(pairs, all)).toEqual({ nearest: 35 / 40, chance: 0.5, informs: true });
});

test('neighbours of any class inform in at most a few of a hundred cases', () => {
  const random = createRandom('no information');
  const draw = () => random.pick(['a', 'b']);
  const trials = Array.from({ length: 400 }, () =>
    tryClasses(
      Array.from({ length: 100 }, () => ({ label: draw(), nearest: draw() })),
      all,
    ),
  );
  expect(trials.filter(({ informs }) => informs).length).toBeLessThan(400 * 0.05);
});

test('near examples with similar numbers inform, others do not', () => {
  const random = createRandom('numbers');
  const numbers = Array.from({ length: 200 }, () => random.normal() * 10);
  const known = numbers.map(String);
  const near = numbers.map((value) => ({
    label: `${value}`,
    nearest: `${value + random.normal()}`,
  }));
  const any = numbers.map((value) => ({ label: `${value}`, nearest: `${random.normal() * 10}` }));
  expect(tryNumbers(near, known).informs).toBe(true);
  expect(tryNumbers(near, known).nearest).toBeLessThan(1);
  expect(tryNumbers(any, known).informs).toBe(false);
});
