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
];

test.for(cases)('%s among %o is %o', ([reference, photos, found]) => {
  expect(matchPhotos(indexPhotos(photos), reference)).toEqual(found);
});
