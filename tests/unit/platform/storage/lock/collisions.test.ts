import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import {
  assertNoTwins,
  assertVolumeHolds,
  findCollisions,
} from '../../../../../platform/storage/lock/collisions.ts';
import { nameOnVolume, probeVolume } from '../../../../../platform/storage/lock/volume.ts';
import { test } from '../../../../helpers/folder.ts';

const linux = { ignoresCase: false, ignoresComposition: false };
const windows = { ignoresCase: true, ignoresComposition: false };
const mac = { ignoresCase: true, ignoresComposition: true };

describe('collisions', () => {
  test('names in one folder that differ only by case are found, of files and of folders', () => {
    const paths = ['Good/1.jpg', 'bad/A.jpg', 'bad/a.jpg', 'good/2.jpg'];
    expect(findCollisions(paths)).toEqual([
      { first: 'bad/A.jpg', second: 'bad/a.jpg' },
      { first: 'Good', second: 'good' },
    ]);
  });

  test('names in different folders do not collide, nor does a name with itself', () => {
    expect(findCollisions(['bad/1.JPG', 'good/1.jpg', 'good/2/1.jpg'])).toEqual([]);
  });

  const folderName = fc.constantFrom('a', 'A', 'b', 'é', 'e\u0301', 'É');
  const anyPaths = fc
    .uniqueArray(
      fc.array(folderName, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    )
    .map((paths) => paths.sort());

  test('without collisions, a volume that ignores case has a file for every path', () => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const onMac = new Set(paths.map((path) => nameOnVolume(mac, path)));
        // Two paths may be one file because their folders collide, which is then what is found.
        if (findCollisions(paths).length === 0) expect(onMac.size).toBe(paths.length);
      }),
    );
  });
});

describe('what a volume holds', () => {
  const paths = ['apple/IMG.jpg', 'apple/img.jpg'];

  test('is asked of the volume: names that it tells apart are fine', ({ folder }) => {
    assertVolumeHolds(folder, paths, () => linux);
    for (const volume of [windows, mac]) {
      expect(() => assertVolumeHolds(folder, paths, () => volume)).toThrow(
        /takes "apple\/IMG.jpg" and "apple\/img.jpg" for one file \(pairs in all: 1\)/,
      );
    }
  });

  test('composition is asked of the volume too', ({ folder }) => {
    const twins = ['cafe\u0301', 'caf\u00e9'];
    assertVolumeHolds(folder, twins, () => windows);
    expect(() => assertVolumeHolds(folder, twins, () => mac)).toThrow(/U\+0301.*U\+00E9/);
  });

  test('is not asked where no names are alike', ({ folder }) => {
    assertVolumeHolds(folder, ['a/1.jpg', 'b/1.jpg'], () => {
      throw new Error('asked');
    });
  });

  test('is found out by files that are removed again, in a folder that may be missing', ({
    folder,
  }) => {
    const inside = join(folder, 'new', 'data');
    const { ignoresCase } = probeVolume(inside);
    expect(ignoresCase).toBe(process.platform === 'darwin' || process.platform === 'win32');
    expect(readdirSync(inside)).toEqual([]);
  });
});

test('twins are refused with both spellings, whether folders or files', () => {
  expect(() => assertNoTwins('data/x', ['cafe\u0301/1.jpg', 'caf\u00e9/1.jpg'])).toThrow(
    'data/x: "cafe\u0301" (cafe U+0301) and "caf\u00e9" (caf U+00E9) are two names that look the same',
  );
  expect(() => assertNoTwins('data/x', ['a/e\u0301.jpg', 'a/\u00e9.jpg'])).toThrow(/^data\/x\/a: /);
  assertNoTwins('data/x', ['Good/1.jpg', 'good/1.jpg', 'a/é.jpg', 'b/e\u0301.jpg']);
});
