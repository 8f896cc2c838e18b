import { expect, test } from 'vitest';
import { coco } from '../../../../../../pipeline/template/init/labels/coco.ts';
import { openLabelFile } from '../../../../../../pipeline/template/init/labels/label-file.ts';

const read = (image: string, named: string, category = '1', called = category) => {
  const text = `{
    "images": [{ "id": ${image}, "file_name": "a.jpg" }],
    "annotations": [{ "image_id": ${named}, "category_id": ${called} }],
    "categories": [{ "id": ${category}, "name": "good" }]
  }`;
  const file = openLabelFile('labels.json', Buffer.from(text));
  return coco.read(file, { label: undefined, isPhoto: () => true });
};
const [even, odd] = ['1152921504606846976', '1152921504606846977'];

test('ids as large as doubles are exact are read, and texts of any size', () => {
  expect(read('9007199254740991', '9007199254740991')).toMatchObject([{ labels: ['good'] }]);
  expect(read(`"${even}"`, `"${even}"`)).toMatchObject([{ labels: ['good'] }]);
  expect(() => read(`"${even}"`, `"${odd}"`)).toThrow('which is not in images');
});

test.each([
  ['an image', even, odd, '1', '1'],
  ['an image with the same id', even, even, '1', '1'],
  ['an annotation', '7', odd, '1', '1'],
  ['a category', '7', '7', odd, odd],
  ['the category of an annotation', '7', '7', '1', even],
])('an id of %s that is rounded is refused, since another would become the same', (_, ...ids) => {
  expect(() => read(...ids)).toThrow(/beyond 2\^53: write ids as texts/);
});
