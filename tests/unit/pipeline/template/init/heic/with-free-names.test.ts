import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withFreeNames } from '../../../../../../pipeline/template/init/heic/with-free-names.ts';

const names = (...paths: string[]) =>
  withFreeNames(paths.map((to) => ({ to }))).map(({ to }) => to);

test('a HEIC photo becomes a JPEG, and others keep their names', () => {
  expect(names('cat/1.HEIC', 'dog/2.heif', 'cat/3.jpg')).toEqual([
    ...['cat/1.HEIC.jpg', 'dog/2.heif.jpg', 'cat/3.jpg'],
  ]);
});

test('no photo takes the place of another', () => {
  expect(names('1.HEIC', '1.HEIC.jpg', '1.HEIC-2.jpg')).toEqual([
    ...['1.HEIC-3.jpg', '1.HEIC.jpg', '1.HEIC-2.jpg'],
  ]);
  expect(names('1.HEIC', '1.heic.JPG')).toEqual(['1.HEIC-2.jpg', '1.heic.JPG']);
});

test('there are as many names as photos, on disks that know no case too', () => {
  const name = fc
    .array(fc.constantFrom('.heic', '.HEIC', '.jpg', '-2', 'a'), { minLength: 1, maxLength: 5 })
    .map((parts) => `p${parts.join('')}`);
  const distinct = fc.uniqueArray(name, { selector: (one) => one.toLowerCase() });
  fc.assert(
    fc.property(distinct, (paths) => {
      const found = names(...paths).map((path) => path.toLowerCase());
      expect(new Set(found).size).toBe(paths.length);
    }),
  );
});
