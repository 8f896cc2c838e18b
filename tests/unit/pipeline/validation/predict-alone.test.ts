import { describe, expect, test } from 'vitest';
import { columnLeak } from '../../../../pipeline/validation/checks/column-leak.ts';
import { predictAlone } from '../../../../pipeline/validation/predict-alone.ts';
import type { TableSubject } from '../../../../pipeline/validation/subjects.ts';
import { createRandom } from '../../../../platform/lib/random.ts';
import { tableOf } from '../../../helpers/table.ts';

const rows = 2000;

/** A table of one number, one category and a label. */
function subjectOf(
  make: (row: number) => { x: number | string; c: string; y: number | string },
  classes: readonly string[],
): TableSubject {
  const cells = Array.from({ length: rows }, (_, row) => make(row)).map(({ x, c, y }) => {
    return { x: `${x}`, c, y: `${y}` };
  });
  const features = {
    x: { kind: 'number', missing: 0.5 },
    c: { kind: 'category', missing: 0.5 },
  } as const;
  const known = { classes, alsoUsed: [], partOf: () => 'train' as const };
  return { data: tableOf(cells), table: { label: 'y', features }, ...known };
}

describe('what one column says about the label is measured on other rows', () => {
  test('noise says nothing, and nor does a name for each row', () => {
    const random = createRandom('noise');
    const noise = (row: number) => ({ x: random.normal(), c: `id-${row}`, y: random.int(2) });
    const subject = subjectOf(noise, ['0', '1']);
    expect(predictAlone(subject, 'x')?.value).toBeLessThan(0.6);
    expect(predictAlone(subject, 'c')?.value).toBe(0.5);
    expect(columnLeak.observe(subject)).toEqual([]);
  });

  test('a constant says nothing', () => {
    const random = createRandom('constant');
    const subject = subjectOf(() => ({ x: 1, c: 'a', y: random.int(2) }), ['0', '1']);
    expect(columnLeak.observe(subject)).toEqual([]);
    const regression = subjectOf(() => ({ x: 1, c: 'a', y: random.next() }), []);
    expect(columnLeak.observe(regression)).toEqual([]);
  });

  test('a strong feature is not suspected, one that is made from the label is', () => {
    const random = createRandom('strong');
    const strong = () => {
      const y = random.int(2);
      return { x: random.normal() + 2 * y, c: y ? 'paid' : 'open', y };
    };
    const [found] = columnLeak.observe(subjectOf(strong, ['0', '1']));
    expect(found?.places).toEqual(['c: AUROC 1.000']);
  });

  test('of three classes, and of a number with gaps', () => {
    const random = createRandom('three');
    const made = () => {
      const y = random.int(3);
      return { x: random.next() < 0.004 ? '' : 10 * y + random.next(), c: 'a', y };
    };
    const [found] = columnLeak.observe(subjectOf(made, ['0', '1', '2']));
    expect(found?.places).toEqual([expect.stringMatching(/^x: share right 0\.99/)]);
  });

  test('of a number that is to be predicted', () => {
    const random = createRandom('copy');
    const copied = () => {
      const y = 100 * random.next();
      return { x: y * 1.1, c: 'a', y };
    };
    expect(columnLeak.observe(subjectOf(copied, []))).toHaveLength(1);
    const noisy = () => {
      const y = 100 * random.next();
      return { x: y + 20 * random.normal(), c: 'a', y };
    };
    expect(columnLeak.observe(subjectOf(noisy, []))).toEqual([]);
  });
});
