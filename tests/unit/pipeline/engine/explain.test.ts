import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainChanges } from '../../../../pipeline/engine/explain.ts';
import { renderStages } from '../../../../pipeline/engine/index.ts';
import type { StageInputs } from '../../../../platform/schemas/index.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const base: StageInputs = {
  stage: 'train',
  inputs: { dataset: { digest: digest('a'), files: 3 }, classes: ['bad', 'good'] },
  parameters: { learningRate: 0.001, augmentation: { flip: true, shift: 0 } },
  code: { 'loader.ts': digest('1') },
  packages: { sharp: '0.35.4' },
  backend: 'wasm',
};

describe('what changed is said in words', () => {
  test.each<[string, Partial<StageInputs>, string[]]>([
    ['nothing', {}, []],
    [
      'parameters, also inside others',
      { parameters: { learningRate: 0.002, augmentation: { flip: false, shift: 0 } } },
      ['params.augmentation.flip true → false', 'params.learningRate 0.001 → 0.002'],
    ],
    [
      'a parameter that came and one that went',
      { parameters: { augmentation: { flip: true, shift: 0 }, epochs: 3 } },
      ['params.epochs added: 3', 'params.learningRate removed'],
    ],
    [
      'inputs, with digests cut short',
      { inputs: { dataset: { digest: digest('b'), files: 3 }, classes: ['bad', 'good'] } },
      ['input dataset.digest sha256:aaaaaaaa… → sha256:bbbbbbbb…'],
    ],
    ['a source file', { code: { 'loader.ts': digest('2') } }, ['code loader.ts changed']],
    [
      'files that came and went',
      { code: { 'other.ts': digest('1') } },
      ['code loader.ts removed', 'code other.ts added'],
    ],
    ['a package', { packages: { sharp: '0.35.5' } }, ['package sharp 0.35.4 → 0.35.5']],
    ['the backend', { backend: '' }, ['backend wasm → none']],
  ])('%s', (_what, changed, words) => {
    expect(explainChanges(base, { ...base, ...changed })).toEqual(words);
  });

  test('what another stage made is reported in one line, whatever differs in it', () => {
    const inputs = (accuracy: number, digit: string) => ({
      evaluation: { accuracy, profile: { ratios: { bad: accuracy } } },
      prepared: { rows: 3 },
      dataset: { digest: digest(digit) },
    });
    const sources = new Map([
      ['evaluation', 'evaluate'],
      ['prepared', 'prepare'],
    ]);
    const [before, after] = [inputs(0.32, 'a'), inputs(0.35, 'b')];
    expect(
      explainChanges({ ...base, inputs: before }, { ...base, inputs: after }, sources),
    ).toEqual(['evaluate changed', 'input dataset.digest sha256:aaaaaaaa… → sha256:bbbbbbbb…']);
  });

  test('long values are reported by where they are', () => {
    const inputs = (last: number) => ({ trained: { epochs: [...Array(40).keys(), last] } });
    const words = explainChanges({ ...base, inputs: inputs(1) }, { ...base, inputs: inputs(2) });
    expect(words).toEqual(['input trained.epochs changed']);
  });

  test('any two different inputs have a difference, and equal ones have none', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue());
    const differ = (one: object, other: object) =>
      explainChanges({ ...base, inputs: one }, { ...base, inputs: other });
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(differ(one, one)).toEqual([]);
        const equal = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(differ(one, other).length === 0).toBe(equal);
      }),
    );
  });
});

test('the table of stages has a line per reason', () => {
  const common = { key: digest('c'), startedAt: null, error: null };
  const table = renderStages([
    { ...common, stage: 'prepare', action: 'reused', seconds: 12.34, reasons: [] },
    { ...common, stage: 'train', action: 'planned', seconds: 0, key: null, reasons: ['a', 'b'] },
  ]);
  expect(table).toBe(
    [
      'stage    result     seconds  key',
      'prepare  reused      (12.3)  cccccccccccc',
      'train    would run           —             a',
      '                                           b',
    ].join('\n'),
  );
});

/** The value with its members in order, as equality of JSON does not look at order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}
