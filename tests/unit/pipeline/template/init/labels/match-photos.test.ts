import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  indexPhotos,
  matchPhotos,
} from '../../../../../../pipeline/template/init/labels/match-photos.ts';

type Case = [reference: string, photos: string[], found: string[]];

const cases: Case[] = [
  ['1.jpg', ['1.jpg', 'a/1.jpg'], ['1.jpg']],
  ['1.jpg', ['a/1.jpg', 'b/1.jpg'], ['a/1.jpg', 'b/1.jpg']],
  ['train/1.jpg', ['test/1.jpg'], []],
  ['all/train/1.jpg', ['1.jpg', 'train/1.jpg'], ['train/1.jpg']],
  ['./a/1.jpg', ['a/1.jpg'], ['a/1.jpg']],
  ['C:\\photos\\a\\1.jpg', ['a/1.jpg', 'b/1.jpg'], ['a/1.jpg']],
  ['/home/me/photos/1.jpg', ['1.jpg'], ['1.jpg']],
  ['my%20cat.jpg', ['my cat.jpg'], ['my cat.jpg']],
  ['my%20cat.jpg', ['my%20cat.jpg', 'my cat.jpg'], ['my%20cat.jpg']],
  ['100%.jpg', ['100%.jpg'], ['100%.jpg']],
  ['cafe\u0301.jpg', ['caf\u00e9.jpg'], ['caf\u00e9.jpg']],
  ['0123', ['x/0123.jpg'], ['x/0123.jpg']],
  ['1.png', ['1.jpg'], []],
  ['/data/upload/3/0a1b2c3d-my%20cat.jpg', ['my cat.jpg'], ['my cat.jpg']],
  ['/data/upload/3/0a1b2c3d-1.jpg', ['0a1b2c3d-1.jpg', '1.jpg'], ['0a1b2c3d-1.jpg']],
  ['/data/local-files/?d=set%2Fb%2F1.jpg', ['a/1.jpg', 'b/1.jpg'], ['b/1.jpg']],
  ['s3://bucket/set/b/1.jpg', ['a/1.jpg', 'b/1.jpg'], ['b/1.jpg']],
  ['https://a.org/b/1.jpg?size=2#x', ['photos/1.jpg'], ['photos/1.jpg']],
  ['../../etc/passwd', ['1.jpg'], []],
  ['constructor', ['1.jpg'], []],
  ['IMG_1.JPG', ['img_1.jpg'], ['img_1.jpg']],
  ['IMG_1.JPG', ['IMG_1.JPG', 'img_1.jpg'], ['IMG_1.JPG']],
  ['IMG_1.JPG', ['Img_1.jpg', 'img_1.jpg'], ['Img_1.jpg', 'img_1.jpg']],
  ['Train/1.JPG', ['train/1.jpg', 'test/1.jpg'], ['train/1.jpg']],
  ['Train/1.JPG', ['test/1.jpg'], []],
  ['IMG_1', ['x/img_1.jpg'], ['x/img_1.jpg']],
  ['K\u00c4FER.JPG', ['ka\u0308fer.jpg'], ['ka\u0308fer.jpg']],
  ['/data/upload/3/0a1b2c3d-MY%20CAT.JPG', ['my cat.jpg'], ['my cat.jpg']],
  ['s3://bucket/SET/B/1.JPG', ['a/1.jpg', 'b/1.jpg'], ['b/1.jpg']],
];

test.for(cases)('%s among %o is %o', ([reference, photos, found]) => {
  expect(matchPhotos(indexPhotos(photos), reference).paths).toEqual(found);
});

test('photos whose names differ in upper and lower case only are never mixed up', () => {
  const name = fc.stringMatching(/^[a-cA-C]{1,4}$/).map((stem) => `${stem}.jpg`);
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), name, (photos, reference) => {
      const { paths, otherCase } = matchPhotos(indexPhotos(photos), reference);
      const alike = photos.filter((path) => path.toLowerCase() === reference.toLowerCase());
      const isThere = photos.includes(reference);
      expect([...paths].sort()).toEqual(isThere ? [reference] : alike.sort());
      expect(otherCase).toBe(!isThere && alike.length > 0);
    }),
  );
});
