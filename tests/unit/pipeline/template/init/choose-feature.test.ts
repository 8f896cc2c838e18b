import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairedDifference } from '../../../../../pipeline/evaluation/statistics/paired-difference.ts';
import { chooseFeature } from '../../../../../pipeline/template/init/choose-feature.ts';
import { chooseLabelScale } from '../../../../../pipeline/template/init/choose-label-scale.ts';
import { key, quote } from '../../../../../pipeline/template/init/code.ts';
import { chooseGroup } from '../../../../../pipeline/template/init/find-identifiers.ts';
import { fitForNetwork } from '../../../../../pipeline/template/init/fit-for-network.ts';
import {
  classificationFloorCode,
  regressionFloorCode,
} from '../../../../../pipeline/template/init/floor-code.ts';
import { defaultMargin } from '../../../../../pipeline/template/init/not-worse-code.ts';
import { splitFractions } from '../../../../../pipeline/template/init/plan.ts';
import { surveyColumn } from '../../../../../pipeline/template/init/survey-table.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { tableOf } from '../../../../helpers/table.ts';

/** A column as the survey gives it. */
function columnOf(name: string, cells: readonly string[], missing = 0) {
  const survey = surveyColumn(tableOf(cells.map((cell) => ({ [name]: cell, other: '' }))), 0);
  return { ...survey, missing };
}

const tens = Array.from({ length: 30 }, (_, at) => String(10 * at));

test('the logarithm of a label is learnt where it is above 0 and lies far to one side', () => {
  const random = createRandom('labels');
  const drawn = (value: (normal: number) => number) =>
    chooseLabelScale({ numbers: Float64Array.from({ length: 500 }, () => value(random.normal())) });
  expect(drawn(Math.exp)).toBe('log');
  expect(drawn((normal) => 1e6 * Math.exp(2 * normal))).toBe('log');
  expect(drawn((normal) => 100 + 10 * normal)).toBeUndefined();
  expect(drawn((normal) => Math.exp(normal) - 0.2)).toBeUndefined();
  expect(drawn((normal) => 1000 + Math.exp(normal))).toBeUndefined();
  expect(chooseLabelScale({ numbers: Float64Array.of(5, 5, 5) })).toBeUndefined();
});

test('a network is given gaps where they are frequent, and a robust scale where a few numbers lie far out', () => {
  const feature = { name: 'mass', kind: 'number' } as const;
  const even = Float64Array.from({ length: 100 }, (_, at) => at);
  const adapt = (numbers: Float64Array, missing: number) =>
    fitForNetwork(feature, { numbers, missing });
  expect(adapt(even, 0.04)).toEqual(feature);
  expect(adapt(even, 0.05)).toEqual({ ...feature, indicateGaps: true });
  expect(adapt(even, 0.99)).toEqual(feature);
  expect(adapt(Float64Array.of(...even, 1e4), 0)).toEqual({ ...feature, scaling: 'robust' });
  expect(adapt(new Float64Array(50).fill(3), 0)).toEqual(feature);
  const colour = { name: 'colour', kind: 'category' } as const;
  expect(fitForNetwork(colour, { numbers: new Float64Array(), missing: 0.5 })).toEqual(colour);
});

describe('a column becomes', () => {
  test('a number with the range of its values and a quarter more, never below zero for no reason', () => {
    expect(chooseFeature(columnOf('mass', tens), 30)).toMatchObject({
      kind: 'number',
      range: [0, 370],
    });
    const negative = columnOf('degrees', ['-10', '0.5', '10']);
    expect(chooseFeature(negative, 3)).toMatchObject({ range: [-15, 15] });
  });

  test('a number whose range leaves out what stands for gaps', () => {
    const cells = [...tens, '-999', '-999'];
    expect(chooseFeature(columnOf('mass', cells), 32)).toMatchObject({ range: [0, 370] });
    // A single one may be a slip, but nothing says so.
    expect(chooseFeature(columnOf('mass', [...tens, '-999']), 31)).toMatchObject({
      range: [-1400, 700],
    });
  });

  test('a category with its values', () => {
    const cells = Array.from({ length: 30 }, (_, at) => ['b', 'a', 'c'][at % 3] ?? '');
    expect(chooseFeature(columnOf('kind', cells), 30)).toEqual({
      name: 'kind',
      kind: 'category',
      values: ['a', 'b', 'c'],
    });
  });

  test('a category by its label if it has many values, and rows enough of each', () => {
    const cells = (values: number) => Array.from({ length: 600 }, (_, at) => `shop ${at % values}`);
    const chosen = (values: number) => chooseFeature(columnOf('shop', cells(values)), 600);
    expect(chosen(120)).toEqual({ name: 'shop', kind: 'category', encoding: 'target' });
    expect(chosen(50)).toMatchObject({ kind: 'category', values: expect.anything() });
    expect(chosen(150)).toEqual({ name: 'shop', reason: 'has 150 different texts' });
  });

  test('a boolean if all its cells say yes or no, in words or as 0 and 1', () => {
    const pairs = [
      ['yes', 'no'],
      ['TRUE', 'False'],
      ['0', '1'],
      ['y', 'N'],
    ];
    for (const [a = '', b = ''] of pairs) {
      const cells = Array.from({ length: 30 }, (_, at) => (at % 3 ? a : b));
      expect(chooseFeature(columnOf('open', cells), 30)).toEqual({ name: 'open', kind: 'boolean' });
      expect(chooseFeature(columnOf('open', [...cells, '2']), 31)).not.toMatchObject({
        kind: 'boolean',
      });
    }
  });

  test('a date if its cells are written as databases write them', () => {
    const cells = Array.from({ length: 90 }, (_, at) => `2026-0${1 + (at % 9)}-1${at % 9}`);
    expect(chooseFeature(columnOf('day', cells), 90)).toEqual({ name: 'day', kind: 'date' });
    const times = cells.map((cell) => `${cell} 12:30:00`);
    expect(chooseFeature(columnOf('day', times), 90)).toMatchObject({ kind: 'date' });
  });

  test('nothing where a tenth of the days is in no calendar, and one of these is named', () => {
    const cells = Array.from({ length: 62 }, (_, at) => {
      return `2026-02-${String((at % 31) + 1).padStart(2, '0')}`;
    });
    expect(chooseFeature(columnOf('when', cells), 62)).toMatchObject({
      reason: expect.stringMatching(/in no calendar, such as "2026-02-29"/),
    });
    const american = cells.map((cell) => cell.replace(/(\d+)-(\d+)-(\d+)/, '$2/$3/$1'));
    expect(chooseFeature(columnOf('when', american), 62)).toMatchObject({
      reason: expect.stringMatching(/dates such as "02\/01\/2026": write them/),
    });
  });

  test('nothing where whole numbers are too long to be told apart', () => {
    const cells = Array.from({ length: 30 }, (_, at) => String(90071992547409920n + BigInt(at)));
    expect(chooseFeature(columnOf('n', cells), 30)).toMatchObject({
      reason: expect.stringMatching(/^holds whole numbers such as 9007199254740\d{4}, of which/),
    });
    const apart = cells.map((_, at) => String(90071992547409920n + 64n * BigInt(at * at)));
    expect(chooseFeature(columnOf('n', apart), 30)).toMatchObject({ kind: 'number' });
  });

  test('one that allows half more gaps than it has', () => {
    expect(chooseFeature(columnOf('mass', tens, 0.2), 30)).toMatchObject({ missing: 0.3 });
    expect(chooseFeature(columnOf('mass', tens, 0.04), 30)).not.toHaveProperty('missing');
  });

  test('nothing if it counts the rows or is named as an identifier', () => {
    const counting = Array.from({ length: 30 }, (_, at) => String(at + 100));
    const reason = 'looks like an identifier';
    expect(chooseFeature(columnOf('row', counting), 30)).toMatchObject({
      reason: 'counts the rows',
    });
    expect(chooseFeature(columnOf('customer_id', tens), 30)).toMatchObject({ reason });
    expect(chooseFeature(columnOf('customerId', tens), 30)).toMatchObject({ reason });
    expect(chooseFeature(columnOf('humid', tens), 30)).toMatchObject({ kind: 'number' });
  });
});

describe('the reason for leaving out a column is true', () => {
  const made = (cell: (at: number) => string) => Array.from({ length: 60 }, (_, at) => cell(at));

  test.each([
    [
      'decimal commas',
      made((at) => `${at},28${at % 10}`),
      /^looks like numbers written as "0,280"/,
    ],
    ['separators of thousands', made((at) => `${at + 1},234,567`), /written as "1,234,567"/],
    ['units', made((at) => `${at}.5 kg`), /written as "0\.5 kg"/],
    ['percentages', made((at) => `${at} %`), /written as "0 %"/],
    [
      'dates',
      made((at) => `2024-${(at % 12) + 1}-${(at % 28) + 1}`),
      /^holds dates such as "2024-1-1"/,
    ],
    ['dates of Europe', made((at) => `${(at % 28) + 1}.${(at % 12) + 1}.1999`), /^holds dates/],
    [
      'a typographic minus',
      made((at) => `\u2212${at}.5`),
      /^looks like numbers written as "\u22120\.5"/,
    ],
    [
      'Arabic digits',
      made((at) => `\u0661${String.fromCodePoint(0x660 + (at % 10))}\u0662${at}`),
      /^looks like numbers/,
    ],
    ['underscores', made((at) => `${at + 1}_000`), /^looks like numbers written as "1_000"/],
    [
      'hexadecimal numbers',
      made((at) => `0x${at.toString(16)}`),
      /^looks like numbers written as "0x0": save them in decimal digits/,
    ],
    ['times', made((at) => `12:${String(at).padStart(2, '0')}`), /^holds times such as "12:00"/],
    ['times of half days', made((at) => `${(at % 12) + 1}:${at + 10} PM`), /^holds times such as/],
    ['words', made((at) => `note about ${at}`), /^looks like an identifier$/],
    [
      'some numbers',
      made((at) => (at % 3 ? `${at % 40}.5` : `no ${at % 30}`)),
      /^has \d+ different texts; 40 of 60 cells are numbers, but not, for example, "no 0"$/,
    ],
    ['few words', made((at) => `word ${at % 30}`), /^has 30 different texts$/],
  ])('%s', (_, cells, reason) => {
    expect(chooseFeature(columnOf('x', cells), 60)).toMatchObject({
      reason: expect.stringMatching(reason),
    });
  });

  test('the remedy is a decimal point', () => {
    const column = columnOf(
      'x',
      made((at) => `4,${at}`),
    );
    expect(chooseFeature(column, 60)).toMatchObject({
      reason: expect.stringContaining('decimal points'),
    });
  });
});

describe('rows go to the splits by', () => {
  const things = (count: number, name = (at: number) => `${at}`) =>
    Array.from({ length: 120 }, (_, at) => name((at * 7) % count));

  test.each([
    [
      'a thing that several rows share',
      { patient_id: things(40), id: things(120), x: tens },
      'patient_id',
    ],
    ['a key', { x: tens, customerId: things(120, (at) => String(1000 + at * 3)) }, 'customerId'],
    ['a key in capitals', { ID: things(120, (at) => String(1000 + at * 3)) }, 'ID'],
    ['codes', { sample: things(120, (at) => `AB-${at}`) }, 'sample'],
    [
      'their content, where nothing names them',
      { x: tens, name: things(120, (at) => `Mr ${at}`) },
      null,
    ],
    [
      'their content, where a column only counts them',
      { number: Array.from({ length: 120 }, (_, at) => `${at}`) },
      null,
    ],
    ['their content, where few things are named', { store_id: things(5) }, null],
    [
      'their content, where dates never repeat',
      { when: things(120, (at) => `2024-01-01T${at}`) },
      null,
    ],
  ])('%s', (_, table, expected) => {
    const columns = Object.entries(table).map(([name, cells]) => columnOf(name, cells));
    expect(chooseGroup(columns)?.name ?? null).toBe(expected);
  });
});

test('every value that is not constant lies in the range that is written down', () => {
  const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2 });
  fc.assert(
    fc.property(values, (numbers) => {
      fc.pre(new Set(numbers.map(String)).size > 1);
      const column = { ...columnOf('x', numbers.map(String)), numeric: true };
      const feature = chooseFeature(column, numbers.length);
      if ('reason' in feature) return;
      const [low, high] = feature.range ?? [Number.NaN, Number.NaN];
      expect(numbers.every((value) => value >= low && value <= high)).toBe(true);
    }),
  );
});

test('the floors are beyond what any constant answer reaches, however the classes are shared', () => {
  expect(classificationFloorCode([9, 1])).toContain("{ metric: 'logLossSkill', atLeast: 0.02 },");
  expect(regressionFloorCode(undefined)).toContain("{ metric: 'r2', atLeast: 0.02 },");
  expect(regressionFloorCode('log')).toContain("{ metric: 'maeSkill', atLeast: 0.02 },");
});

test('rare classes are spoken of only where there are some', () => {
  expect(classificationFloorCode([9, 1])).toContain('averagePrecision');
  expect(classificationFloorCode([9, 5])).not.toContain('averagePrecision');
});

test('few examples get no margin, many one that their test split can show', () => {
  expect(defaultMargin('accuracy', 100_000)).toBe(0.02);
  expect(defaultMargin('accuracy', 1000)).toBe(0.1);
  expect(defaultMargin('accuracy', 120)).toBeNull();
});

test('a model that is as good passes the margin of init 19 times out of 20', () => {
  const random = createRandom(1);
  for (const examples of [750, 1000, 5000]) {
    const tested = Math.floor(examples * splitFractions(examples)[2]);
    const margin = defaultMargin('accuracy', examples) ?? 0;
    const passed = Array.from({ length: 2000 }, () => {
      const flips = Array.from({ length: tested }, () => random.next());
      // A tenth of the answers differ, as many of them for the better as for the worse.
      const broken = flips.filter((at) => at < 0.05).length;
      const fixed = flips.filter((at) => at >= 0.05 && at < 0.1).length;
      return pairedDifference(fixed, broken, tested).low > -margin;
    });
    expect(passed.filter(Boolean).length / passed.length).toBeGreaterThanOrEqual(0.93);
  }
});

test('any text becomes a literal and a key that read back as the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(new Function(`return ${quote(text)}`)()).toBe(text);
      const object: object = new Function(`return { ${key(text)}: 1 }`)();
      if (text !== '__proto__') expect(Object.keys(object)).toEqual([text]);
    }),
  );
});
