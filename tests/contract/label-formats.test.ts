import { expect, test } from 'vitest';
import { labelFormats } from '../../pipeline/template/init/labels/label-formats.ts';
import { type Entry, type FormatUnderTest, testLabelFormat } from './label-format.ts';

const cutOff = 'image,label\n0.jpg,cat\n1.jpg,"{""choices"": [""a"""\n';

const csv: FormatUnderTest = {
  name: 'CSV',
  file: 'labels.csv',
  describes: true,
  render: (entries) => {
    const more = entries.some(({ place }) => place !== undefined);
    const rows = entries.flatMap(({ name, labels, place = '' }) =>
      (labels.length === 0 ? [''] : labels).map((label) =>
        more ? `${name},${label},"${place.replaceAll('"', '""')}"` : `${name},${label}`,
      ),
    );
    return `${[more ? 'image,label,place' : 'image,label', ...rows].join('\n')}\n`;
  },
  broken: [
    ['a row that is too short', 'image,label\n0.jpg,cat\n1.jpg\n', 'line 3, column 2'],
    ['choices that are cut off', cutOff, '1.jpg'],
    ['no header', '0.jpg,cat\n1.jpg,dog\n2.jpg,cat\n3.jpg,dog\n', 'first line names a photo'],
    ['semicolons', 'image;label\n0.jpg;cat\n1.jpg;dog\n2.jpg;cat\n3.jpg;dog\n', 'semicolons'],
    ['two columns that may be labels', 'image,size,colour\n0.jpg,big,red\n1.jpg,big,red\n', ''],
  ],
};

function cocoOf(entries: readonly Entry[]) {
  const names = [...new Set(entries.flatMap(({ labels }) => labels))];
  return {
    images: entries.map(({ name }, id) => ({ id, file_name: name, width: 32, height: 32 })),
    annotations: entries.flatMap(({ labels }, image_id) =>
      // Two things of one kind in a photo are one label.
      [...labels, ...labels].map((label, id) => ({
        ...{ id: image_id * 10 + id, image_id, category_id: names.indexOf(label) + 1 },
        bbox: [0, 0, 4, 4],
      })),
    ),
    categories: names.map((name, at) => ({ id: at + 1, name })),
  };
}

const pets = cocoOf([
  { name: '0.jpg', labels: ['cat'] },
  { name: '1.jpg', labels: ['dog'] },
]);

const coco: FormatUnderTest = {
  name: 'COCO',
  file: 'instances.json',
  describes: false,
  render: (entries) => JSON.stringify(cocoOf(entries)),
  broken: [
    ['half its text', JSON.stringify(pets).slice(0, 200), ''],
    ['an unknown category', JSON.stringify({ ...pets, categories: [] }), 'annotations[0]'],
    [
      'two categories with one id',
      JSON.stringify({ ...pets, categories: [...pets.categories, { id: 2, name: 'cow' }] }),
      'two of its categories have the same id',
    ],
    ['no annotations', JSON.stringify({ ...pets, annotations: undefined }), 'annotations'],
    [
      'an image by a text instead of its number',
      JSON.stringify({ ...pets, annotations: [{ image_id: '1', category_id: 1 }] }),
      'annotations[0] is of image "1", a text, but in images this id is a number, 1',
    ],
    [
      'a category by a number instead of its text',
      JSON.stringify({
        ...pets,
        annotations: [{ image_id: 1, category_id: 7 }],
        categories: [{ id: '7', name: 'cat' }],
      }),
      'annotations[0] is of category 7, a number, but in categories this id is a text, "7"',
    ],
    [
      'an image by a text that is not a number',
      JSON.stringify({ ...pets, annotations: [{ image_id: '', category_id: 1 }] }),
      'annotations[0] is of image "", which is not in images',
    ],
    [
      'an unknown image',
      JSON.stringify({ ...pets, annotations: [{ image_id: 77, category_id: 1 }] }),
      'annotations[0] is of image 77',
    ],
  ],
};

const cvat: FormatUnderTest = {
  name: 'CVAT for images',
  file: 'annotations.xml',
  describes: true,
  render: (entries) => {
    const images = entries.map(({ name, labels, place }, id) => {
      const attribute =
        place === undefined ? '' : `<attribute name="place">${escapeXml(place)}</attribute>`;
      const tags = labels.map(
        (label) => `<tag label="${label}" source="manual">${attribute}</tag>`,
      );
      return `<image id="${id}" name="${name}" width="32" height="32">${tags.join('')}</image>`;
    });
    const head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>';
    return `${head}<meta/>\n${images.join('\n')}\n</annotations>`;
  },
  broken: [
    ['half its text', '<annotations><image id="0" name="0.jpg">', 'line 1'],
    ['tracks', '<annotations><track id="0"/></annotations>', 'CVAT for video'],
    ['an image without a name', '<annotations><image id="0"/></annotations>', 'image 1'],
    [
      'a tag without a label',
      '<annotations><image name="0.jpg"><tag/></image></annotations>',
      'a tag of 0.jpg',
    ],
  ],
};

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** Label Studio puts eight digits before the name of a file that is uploaded, and encodes it. */
function uploadOf(path: string): string {
  const name = path.split('/').map(encodeURIComponent);
  return `/data/upload/7/0f1e2d3c-${name.join('/')}`;
}

function servedOf(path: string): string {
  return `/data/local-files/?d=${encodeURIComponent(path)}`;
}

const choices = (labels: readonly string[]) => ({
  was_cancelled: false,
  result: [{ from_name: 'choice', to_name: 'image', type: 'choices', value: { choices: labels } }],
});

/** A task whose choices are not texts. */
function chosenAs(what: unknown): string {
  const result = [{ type: 'choices', value: { choices: what } }];
  return JSON.stringify([{ annotations: [{ result }], data: { image: '0.jpg' } }]);
}

const labelStudio: FormatUnderTest = {
  name: 'Label Studio',
  file: 'project-7-at-2026-11-26.json',
  describes: true,
  nameOf: uploadOf,
  render: (entries) =>
    JSON.stringify(
      entries.map(({ name, labels, place }, id) => ({
        id,
        // A skipped task holds no answer, whatever was clicked before.
        annotations: [
          ...(labels.length > 0 ? [choices(labels)] : []),
          { ...choices(['nonsense']), was_cancelled: true },
        ],
        data: { image: name, ...(place !== undefined && { place }) },
      })),
    ),
  broken: [
    [
      'only boxes',
      JSON.stringify([
        {
          annotations: [{ result: [{ type: 'rectanglelabels', value: {} }] }],
          data: { image: '0.jpg' },
        },
      ]),
      'no choices, only rectanglelabels',
    ],
    ['nothing annotated', '[{"annotations": [], "data": {"image": "0.jpg"}}]', 'nothing'],
    ['a choice that is not a text', chosenAs([{ x: 1 }]), 'task 1 of 1'],
    ['a choice that is nothing', chosenAs([null]), 'not texts'],
    ['choices that are not a list', chosenAs('cat'), 'not texts'],
    [
      'a task without a photo',
      JSON.stringify([{ annotations: [choices(['cat'])], data: { text: 'hello' } }]),
      'task 1 of 1',
    ],
  ],
};

const labelStudioShort: FormatUnderTest = {
  name: 'Label Studio JSON-MIN',
  file: 'project-7-at-2026-11-26.json',
  describes: true,
  nameOf: servedOf,
  render: (entries) =>
    JSON.stringify(
      entries.map(({ name, labels: [only, ...more], place }, id) => ({
        ...{ id, image: name, annotator: 1, annotation_id: id, lead_time: 1.5 + id },
        ...(place !== undefined && { place }),
        choice: more.length > 0 ? { choices: [only, ...more] } : (only ?? ''),
      })),
    ),
  broken: [['half its text', '[{"image": "0.jpg", "choice": "cat"}, {"image"', '']],
};

for (const format of [csv, coco, cvat, labelStudio, labelStudioShort]) testLabelFormat(format);

test('every format has run through the contract', () => {
  const tested = new Set([csv, coco, cvat, labelStudio].map(({ name }) => name));
  expect(new Set(labelFormats.map(({ name }) => name))).toEqual(tested);
});
