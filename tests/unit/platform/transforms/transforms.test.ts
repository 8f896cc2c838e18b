import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  decodeImage,
  encodedLength,
  encodeRow,
  findStandIn,
  fitTable,
  imageFormat,
  imagePreprocessing,
  measureImage,
  scaleImage,
} from '../../../../platform/transforms/index.ts';

const pictures = join(import.meta.dirname, '../../../fixtures/features-images');
const names = (await readdir(pictures)).filter((name) => !name.endsWith('.rgb'));
const read = (name: string) => readFile(join(pictures, name));

const stripes = (width: number, height: number, period: number) =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, at) =>
      Math.floor(at / 3 / period) % 2 === 0 ? 40 : 200,
    ),
    { raw: { width, height, channels: 3 } },
  );

describe('decodeImage', () => {
  // Exact bytes may differ between releases of the decoder, never by more than a level or two.
  test.each(names)('decodes %s to the committed golden pixels', async (name) => {
    const pixels = await decodeImage(await read(name), 16);
    const golden = await read(`${name}.rgb`);
    expect(pixels).toHaveLength(16 * 16 * 3);
    const furthest = pixels.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (golden[at] ?? 0))),
      0,
    );
    expect(furthest).toBeLessThanOrEqual(2);
  });

  test('gives the same bytes on every call, also with many in flight', async () => {
    const bytes = await read('large.jpg');
    const [first, ...others] = await Promise.all(
      Array.from({ length: 12 }, () => decodeImage(bytes, 32)),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  test('turns a picture upright before it cuts the square from its middle', async () => {
    const halves = await sharp({
      create: { width: 40, height: 80, channels: 3, background: 'red' },
    })
      .composite([
        {
          input: { create: { width: 40, height: 40, channels: 3, background: 'blue' } },
          gravity: 'south',
        },
      ])
      .png()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    // Orientation 6 is turned clockwise: what was below (blue) is on the left.
    const pixels = await decodeImage(halves, 8);
    expect([...pixels.subarray(0, 3)]).toEqual([0, 0, 255]);
    expect([...pixels.subarray(21, 24)]).toEqual([255, 0, 0]);
  });

  test('lays transparent pictures on white', async () => {
    const pixels = await decodeImage(await read('alpha.png'), 16);
    expect([...pixels.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  test('refuses a picture with more pixels than allowed before decoding it', async () => {
    const large = await stripes(200, 100, 10).png().toBuffer();
    const refused = decodeImage(large, 8, { maximumPixels: 19_999, name: 'large.png' });
    await expect(refused).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      details: { name: 'large.png', limit: 19_999 },
    });
    await expect(decodeImage(large, 8, { maximumPixels: 20_000 })).resolves.toHaveLength(192);
  });

  test('refuses what is not a picture, is cut off, or could reach for other files', async () => {
    const whole = await read('large.jpg');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const cut = whole.subarray(0, whole.length / 2);
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), svg, cut]) {
      await expect(decodeImage(bytes, 8)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
      await expect(measureImage(bytes)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    }
  });

  test('survives any bytes behind a picture’s first ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), noise]);
        const outcome = await decodeImage(bytes, 4).catch((error) => error.code);
        expect(['IMAGE_UNREADABLE', 'IMAGE_TOO_LARGE']).toContain(outcome);
      }),
      { numRuns: 30 },
    );
  });
});

test('imageFormat reads the first bytes, not the name', async () => {
  expect(imageFormat(await read('large.jpg'))?.name).toBe('jpeg');
  expect(imageFormat(await read('alpha.png'))?.name).toBe('png');
  expect(imageFormat(await read('field.webp'))?.name).toBe('webp');
  expect(imageFormat(Buffer.from('%PDF-1.7'))).toBeNull();
});

test('scaleImage maps 0 to -1 and 255 to 1 at the given offset', () => {
  const target = new Float32Array(5);
  scaleImage(Uint8Array.of(0, 255, 0), imagePreprocessing(1), target, 2);
  expect([...target]).toEqual([0, 0, -1, 1, -1]);
});

describe('measureImage', () => {
  test('knows size, aspect, format and orientation of a turned photo', async () => {
    const measured = await measureImage(await read('turned.jpg'));
    expect(measured).toMatchObject({ width: 96, height: 160, format: 'jpeg', orientation: 6 });
    expect(measured.aspect).toBeCloseTo(160 / 96);
  });

  test('finds brightness, colour and no contrast in a plain picture', async () => {
    const background = { r: 200, g: 100, b: 50 };
    const plain = sharp({ create: { width: 50, height: 50, channels: 3, background } });
    const measured = await measureImage(await plain.png().toBuffer());
    expect(measured).toMatchObject({ red: 200, green: 100, blue: 50, sharpness: 0 });
    expect(measured.brightness).toBeCloseTo(0.299 * 200 + 0.587 * 100 + 0.114 * 50, 6);
    expect(measured.contrast).toBeCloseTo(0, 6);
  });

  test('distinguishes a blurred picture from a sharp one', async () => {
    const sharpBytes = await stripes(128, 128, 4).png().toBuffer();
    const blurred = await sharp(sharpBytes).blur(4).png().toBuffer();
    const [crisp, soft] = await Promise.all([measureImage(sharpBytes), measureImage(blurred)]);
    expect(crisp.sharpness).toBeGreaterThan(20 * soft.sharpness);
  });
});

describe('tables', () => {
  const table = {
    label: 'y',
    features: {
      size: { kind: 'number', missing: 0.05 },
      place: { kind: 'category', missing: 0.05 },
    },
  } as const;
  const rows = [
    { size: '1', place: 'field' },
    { size: '3', place: 'barn' },
    { size: 'NA', place: '' },
  ];

  test('learn mean, deviation and sorted categories, without the missing values', () => {
    expect(fitTable(rows, table).columns).toEqual([
      { name: 'size', kind: 'number', mean: 2, deviation: 1 },
      { name: 'place', kind: 'category', values: ['barn', 'field'] },
    ]);
  });

  test('encode numbers standardised, categories one-hot, missing and unknown as zeros', () => {
    const fitted = fitTable(rows, table);
    expect([...encodeRow(fitted, { size: 4, place: 'field' })]).toEqual([2, 0, 1]);
    expect([...encodeRow(fitted, { size: '', place: 'moon' })]).toEqual([0, 0, 0]);
    expect([...encodeRow(fitted, { size: null })]).toEqual([0, 0, 0]);
  });

  test('as codes a category is one number, and missing or unknown is NaN', () => {
    const fitted = fitTable(rows, table, 'codes');
    expect(fitted.encoding).toBe('codes');
    expect(encodedLength(fitted)).toBe(2);
    expect([...encodeRow(fitted, { size: 4, place: 'field' })]).toEqual([2, 1]);
    expect([...encodeRow(fitted, { size: '', place: 'moon' })]).toEqual([Number.NaN, Number.NaN]);
    expect([...encodeRow(fitted, {})]).toEqual([Number.NaN, Number.NaN]);
  });

  test('as codes the commonest 255 categories have one each', () => {
    const many = Array.from({ length: 300 }, (_, place) => ({ size: 1, place: `p${place}` }));
    const fitted = fitTable([...many, ...many.slice(100)], table, 'codes');
    const place = fitted.columns.find(({ name }) => name === 'place');
    expect(place?.kind === 'category' && place.values).toHaveLength(255);
    expect(encodeRow(fitted, { place: 'p299' })[1]).toBeGreaterThan(0);
    expect(encodedLength(fitTable(many, table))).toBe(301);
  });

  test.for(['constructor', '__proto__', 'toString'])(
    'take a column called %s for missing where a row does not have it',
    (name) => {
      const column = { name, kind: 'category', values: ['a', 'b'] } as const;
      const fitted = { kind: 'table' as const, columns: [{ ...column, values: ['a', 'b'] }] };
      expect([...encodeRow(fitted, {})]).toEqual([0, 0]);
      expect([...encodeRow(fitted, JSON.parse(`{"${name}":"b"}`))]).toEqual([0, 1]);
    },
  );

  test('refuse text where a number belongs, naming the column', () => {
    const invalid = { code: 'TABLE_VALUE_INVALID', details: { column: 'size', value: '"wide"' } };
    const bad = [{ size: 'wide', place: 'barn' }];
    expect(() => fitTable(bad, table)).toThrow(expect.objectContaining(invalid));
    expect(() => encodeRow(fitTable(rows, table), { size: true })).toThrow(/not a number/);
  });

  test('leave a constant column 0, also where its mean is rounded', () => {
    const training = Array.from({ length: 7 }, () => ({ size: 0.1, place: 'barn' }));
    expect(encodeRow(fitTable(training, table), { size: 0.1 })[0]).toBeCloseTo(0, 9);
  });

  test('give training rows mean 0 and deviation 1, whatever their numbers', () => {
    const number = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(fc.array(number, { minLength: 2, maxLength: 50 }), (values) => {
        const training = values.map((size) => ({ size, place: 'barn' }));
        const fitted = fitTable(training, table);
        expect(encodedLength(fitted)).toBe(2);
        const encoded = training.map((row) => encodeRow(fitted, row)[0] ?? 0);
        const mean = encoded.reduce((sum, value) => sum + value, 0) / encoded.length;
        expect(Math.abs(mean)).toBeLessThan(1e-3);
        expect(Math.max(...encoded.map(Math.abs))).toBeLessThan(Math.sqrt(values.length));
      }),
    );
  });
});

describe('a stand-in for gaps', () => {
  test.each([
    [['12', '-999', '15', '-999'], '-999'],
    [['0.5', '0.7', '99.99', '99.99'], '99.99'],
    // Once may be a slip, and numbers in reach may be measured.
    [['12', '-999', '15'], null],
    [['97', '98', '99', '99', '101'], null],
    [['1', '50', '99', '99'], null],
    [['-999', '-999'], null],
    [['12', '15', '1000', '1000'], null],
  ])('in %j is %j', (cells, found) => {
    const [first] = findStandIn(Float64Array.from(cells, Number), (place) => cells[place] ?? '');
    expect(first === undefined ? null : cells[first]).toBe(found);
  });
});
