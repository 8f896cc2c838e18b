import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { qualityMetrics } from '../../../../platform/quality/index.ts';
import {
  allowedDifference,
  differenceFrom,
  type ReferenceCase,
  statisticsOfKind,
} from '../../../fixtures/statistics/kinds.ts';

/** Made by bench/statistics/reference.py, which says how. */
const path = join(import.meta.dirname, '../../../fixtures/statistics/cases.jsonl');
const cases = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line): ReferenceCase => JSON.parse(line));
const statistics = Object.entries(statisticsOfKind).flatMap(([kind, byName]) =>
  Object.entries(byName).map(([name, compute]) => ({ kind, name, compute })),
);

describe('on cases that scipy, statsmodels, scikit-learn or a definition in numpy decided', () => {
  test.each(statistics)('$name agrees', ({ kind, name, compute }) => {
    const asked = cases.filter((one) => one.kind === kind);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    for (const { given, expected } of asked) {
      const difference = differenceFrom(compute(given), expected[name] ?? []);
      expect(difference).toBeLessThanOrEqual(allowedDifference(name));
    }
  });

  test('every number that the libraries gave is compared with', () => {
    const known = new Set(statistics.map(({ kind, name }) => `${kind}: ${name}`));
    const given = cases.flatMap(({ kind, expected }) =>
      Object.keys(expected).map((name) => `${kind}: ${name}`),
    );
    expect(new Set(given)).toEqual(known);
  });

  test('every metric of the table of metrics has cases', () => {
    const compared = statistics.map(({ name }) => name.split(' – ')[0]);
    expect(compared).toEqual(expect.arrayContaining(qualityMetrics.map(({ name }) => name)));
  });

  // Otherwise a formula could change and nothing here would tell.
  test.each(statistics)('no two cases give one value: $name', ({ kind, name }) => {
    const values = cases
      .filter((one) => one.kind === kind)
      .map(({ expected }) => JSON.stringify(expected[name]));
    expect(new Set(values).size).toBeGreaterThan(1);
  });
});

test('a formula that is off by a thousandth would be found', () => {
  for (const { kind, name, compute } of statistics) {
    if (allowedDifference(name) > 0.001) continue;
    const asked = cases.filter((one) => one.kind === kind);
    const worst = asked.map(({ given, expected }) =>
      differenceFrom(
        [compute(given)].flat().map((value) => value * 1.001),
        expected[name] ?? [],
      ),
    );
    expect(Math.max(...worst), name).toBeGreaterThan(allowedDifference(name));
  }
});
