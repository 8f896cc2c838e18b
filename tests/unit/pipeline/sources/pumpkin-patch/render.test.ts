import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { planHarvest, planOutliers } from '../../../../../pipeline/sources/pumpkin-patch/plan.ts';
import { cosine, sine } from '../../../../../pipeline/sources/pumpkin-patch/render/maths.ts';
import { renderPhoto } from '../../../../../pipeline/sources/pumpkin-patch/take.ts';
import { digestBytes } from '../../../../../platform/lib/hash.ts';

const planned = planHarvest('2026');

describe('the plan of a harvest', () => {
  test('has at least 300 photos of each class, two or three a pumpkin', () => {
    const views = new Map<string, number>();
    for (const { row } of planned) views.set(row.pumpkin, (views.get(row.pumpkin) ?? 0) + 1);
    expect(new Set(views.values())).toEqual(new Set([2, 3]));
    for (const quality of ['good', 'ok', 'bad']) {
      const photos = planned.filter(({ row }) => row.file.startsWith(`2026/${quality}/`));
      expect(photos.length).toBeGreaterThanOrEqual(300);
    }
  });

  test('shows each pumpkin in one class, field and variety only', () => {
    const facts = new Map<string, string>();
    for (const { row } of planned) {
      const fact = `${row.file.split('/')[1]} ${row.field} ${row.variety}`;
      expect(facts.get(row.pumpkin) ?? fact).toBe(fact);
      facts.set(row.pumpkin, fact);
    }
  });

  test('has 150 other things, half of them watermelons', () => {
    const outliers = planOutliers();
    expect(outliers).toHaveLength(150);
    const watermelons = outliers.filter(({ file }) => file.startsWith('watermelon'));
    expect(watermelons).toHaveLength(75);
  });

  test('shifts in a later harvest: a new variety, evening light', () => {
    const later = planHarvest('2027').map(({ row }) => row);
    const evening = later.filter(({ light }) => light === 'evening');
    expect(evening.length / later.length).toBeGreaterThan(0.5);
    expect(later.some(({ variety }) => variety === 'jarrahdale')).toBe(true);
    expect(planned.some(({ row }) => row.variety === 'jarrahdale')).toBe(false);
    expect(planned.some(({ row }) => row.light === 'evening')).toBe(false);
  });
});

describe('a rendered photo', () => {
  test('has the same bytes every time', async () => {
    for (const photo of [planned[0]?.photo, planned[500]?.photo, planOutliers()[3]]) {
      if (!photo) throw new Error('the plan is too short');
      const [once, again] = [await renderPhoto(photo), await renderPhoto(photo)];
      expect(digestBytes(again)).toBe(digestBytes(once));
    }
  });

  test('is a JPEG of camera size that is neither dark nor flat', async () => {
    for (const index of [10, 200, 400, 600, 800]) {
      const photo = planned[index]?.photo;
      if (!photo) throw new Error('the plan is too short');
      const image = sharp(await renderPhoto(photo));
      const { format, width } = await image.metadata();
      const { channels } = await image.stats();
      expect([format, width > 256]).toEqual(['jpeg', true]);
      expect(Math.max(...channels.map(({ mean }) => mean))).toBeGreaterThan(50);
      expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(15);
    }
  });
});

test('own sine and cosine agree with the exact ones', () => {
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (angle) => {
      expect(sine(angle)).toBeCloseTo(Math.sin(angle), 4);
      expect(cosine(angle)).toBeCloseTo(Math.cos(angle), 4);
    }),
  );
});
