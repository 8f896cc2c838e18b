import { expect, test } from 'vitest';
import {
  allChecks,
  exampleChecks,
  fileChecks,
  folderChecks,
  qualityChecks,
  tableChecks,
} from '../../pipeline/validation/checks/index.ts';
import type {
  ExampleSubject,
  FolderSubject,
  Photo,
  PhotoSubject,
  TableSubject,
} from '../../pipeline/validation/subjects.ts';
import { errorCodes } from '../../platform/lib/error-codes.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import { defaultThresholds } from '../../platform/schemas/define/index.ts';
import { type Example, splitNames } from '../../platform/schemas/index.ts';
import { countExamples } from '../../platform/storage/index.ts';
import type { ImageProperties } from '../../platform/transforms/index.ts';
import { tableOf } from '../helpers/table.ts';
import { type CheckUnderTest, testCheck } from './check.ts';

/** What is planted for one check, by its code. */
type Faults<Subject> = Readonly<Record<string, Omit<CheckUnderTest<Subject>, 'check' | 'clean'>>>;

const properties: ImageProperties = {
  ...{ width: 200, height: 150, aspect: 4 / 3, brightness: 120, contrast: 50, sharpness: 300 },
  ...{ red: 120, green: 120, blue: 120, format: 'jpeg', orientation: 1 },
};

function photo(path: string, changed: Partial<Photo> = {}): Photo {
  const digest = digestBytes(path);
  const plain = {
    format: 'jpeg',
    named: 'jpeg',
    properties,
    truncated: false,
    damaged: false,
    tooLarge: null,
    unserved: null,
    frames: 1,
    located: false,
    print: null,
  };
  return { path, digest, ...plain, ...changed };
}

const limits = defaultThresholds;
const cleanPhotos: PhotoSubject = { photos: [photo('good/1.jpg'), photo('bad/2.jpg')], limits };

/** The clean photos and one that differs. */
function withPhoto(changed: Partial<Photo>, thresholds: Partial<typeof limits> = {}): PhotoSubject {
  const photos = [...cleanPhotos.photos, photo('good/3.jpg', changed)];
  return { photos, limits: { ...limits, ...thresholds } };
}

/** A photo whose measured properties differ; with the threshold that allows it. */
function measured(
  changed: Partial<ImageProperties>,
  place: string,
  allowed?: Partial<typeof limits>,
): Faults<PhotoSubject>[string] {
  const faulty = { properties: { ...properties, ...changed } };
  const relaxed = allowed && { relaxed: withPhoto(faulty, allowed) };
  return { faulty: withPhoto(faulty), places: [place], ...relaxed };
}

const undecoded = { properties: null } as const;

const photoFaults: Faults<PhotoSubject> = {
  PHOTO_NOT_IMAGE: { faulty: withPhoto({ format: null, ...undecoded }), places: ['good/3.jpg'] },
  PHOTO_UNREADABLE: { faulty: withPhoto(undecoded), places: ['good/3.jpg'] },
  PHOTO_DAMAGED: { faulty: withPhoto({ ...undecoded, damaged: true }), places: ['good/3.jpg'] },
  PHOTO_TRUNCATED: { faulty: withPhoto({ ...undecoded, truncated: true }), places: ['good/3.jpg'] },
  PHOTO_TOO_LARGE: {
    faulty: withPhoto({ ...undecoded, tooLarge: '11000×11000' }),
    places: ['good/3.jpg 11000×11000'],
  },
  PHOTO_MISTYPED: { faulty: withPhoto({ format: 'png' }), places: ['good/3.jpg is png'] },
  PHOTO_ANIMATED: { faulty: withPhoto({ frames: 7 }), places: ['good/3.jpg 7 pictures'] },
  PHOTO_UNSERVED: {
    faulty: withPhoto({ unserved: 'it is TIFF, not JPEG, PNG or WebP' }),
    places: ['good/3.jpg: it is TIFF, not JPEG, PNG or WebP'],
  },
  PHOTO_LOCATED: { faulty: withPhoto({ located: true }), places: ['good/3.jpg'] },
  PHOTO_SMALL: measured({ width: 40 }, 'good/3.jpg 40×150', { minimumSide: 40 }),
  PHOTO_ELONGATED: measured({ width: 600 }, 'good/3.jpg 600×150', { maximumAspect: 4 }),
  PHOTO_DARK: measured({ brightness: 9.6 }, 'good/3.jpg 10', { dark: 9 }),
  PHOTO_LIGHT: measured({ brightness: 250 }, 'good/3.jpg 250', { light: 250 }),
  PHOTO_FLAT: measured({ contrast: 3 }, 'good/3.jpg 3.0', { contrast: 3 }),
  PHOTO_BLURRED: measured({ sharpness: 4 }, 'good/3.jpg 4.0', { blur: 4 }),
  PHOTO_ORIENTATION: measured({ orientation: 6 }, 'good/3.jpg orientation 6'),
};

/** Ten examples of both classes in each split. */
const examples: readonly Example[] = splitNames.flatMap((split) =>
  ['good', 'bad'].flatMap((label) =>
    Array.from({ length: 10 }, (_, number) => example(`${label}/${split}-${number}.jpg`, split)),
  ),
);

function example(id: string, split: Example['split'], changed: Partial<Example> = {}): Example {
  const label = id.split('/')[0] ?? '';
  return { id, digest: digestBytes(id), split, label, group: id, metadata: {}, ...changed };
}

const classes = ['good', 'bad'];
const cleanExamples: ExampleSubject = subjectOf(examples);
const without = (unwanted: (one: Example) => boolean) =>
  subjectOf(examples.filter((one) => !unwanted(one)));
const rare = without(
  ({ split, id }) => split === 'train' && id.startsWith('bad/') && !id.endsWith('-0.jpg'),
);

const exampleFaults: Faults<ExampleSubject> = {
  SPLIT_EMPTY: { faulty: without(({ split }) => split === 'test'), places: ['test'] },
  CLASS_MISSING: {
    faulty: without(({ split, label }) => split === 'train' && label === 'bad'),
    places: ['bad'],
  },
  CLASS_SPARSE: { faulty: rare, places: ['train: 1 of bad'] },
  HELD_BACK_NOTHING: {
    faulty: {
      ...cleanExamples,
      heldBackGaps: {
        isEmpty: true,
        share: 0.01,
        lacking: new Map([
          ['bad', 0.02],
          ['good', null],
        ]),
      },
    },
    places: ['bad', 'good'],
  },
  HELD_BACK_CLASS: {
    faulty: {
      ...cleanExamples,
      heldBackGaps: {
        isEmpty: false,
        share: 0.01,
        lacking: new Map([
          ['bad', 0.02],
          ['good', null],
        ]),
      },
    },
    places: ['bad: from 0.02 on', 'good: no share is large enough'],
  },
  CLASS_IMBALANCE: {
    faulty: rare,
    places: ['bad 1', 'good 10'],
    relaxed: { ...rare, imbalance: 10 },
  },
  GROUP_STRADDLES: {
    faulty: subjectOf(
      examples.map((one) => (one.id.endsWith('-0.jpg') ? { ...one, group: 'a' } : one)),
    ),
    places: ['a'],
  },
  LABEL_ALIKE: {
    faulty: withLabels('caf\u00e9', 'cafe\u0301'),
    places: ['"caf\u00e9" (caf U+00E9) = "cafe\u0301" (cafe U+0301)'],
  },
  LABEL_SIMILAR: { faulty: withLabels('Good'), places: ['"good" ≈ "Good"'] },
};

/** The clean examples and one of each further label. */
function withLabels(...labels: readonly string[]): ExampleSubject {
  const others = labels.map((label) => example(`${label}/1.jpg`, 'train', { label }));
  return subjectOf([...examples, ...others]);
}

function subjectOf(some: readonly Example[]): ExampleSubject {
  return { ...countExamples(some), classes, imbalance: limits.imbalance };
}

const cleanFolder: FolderSubject = {
  ...{ examples, classes, strays: [], lookAlikes: [], outOfDistribution: new Map() },
  metadata: examples.map(({ id }) => id),
};

/** The clean folder with one more photo, described like the others. */
function withExample(id: string, split: Example['split'], of: string): FolderSubject {
  const metadata = [...(cleanFolder.metadata ?? []), id];
  const copy = example(id, split, { digest: digestBytes(of) });
  return { ...cleanFolder, metadata, examples: [...examples, copy] };
}

const original = 'good/train-0.jpg';
const folderFaults: Faults<FolderSubject> = {
  CLASS_UNKNOWN: {
    faulty: withExample('gud/1.jpg', 'train', 'gud/1.jpg'),
    places: ['gud/1.jpg (gud)'],
  },
  FILE_STRAY: { faulty: { ...cleanFolder, strays: ['notes.txt'] }, places: ['notes.txt'] },
  DUPLICATE_LABELS: {
    faulty: withExample('bad/1.jpg', 'train', original),
    places: [`${original} = bad/1.jpg`],
  },
  DUPLICATE_ACROSS: {
    faulty: withExample('good/1.jpg', 'test', original),
    places: [`${original} (train) = good/1.jpg (test)`],
  },
  DUPLICATE_WITHIN: {
    faulty: withExample('good/1.jpg', 'train', original),
    places: [`${original} = good/1.jpg`],
  },
  LOOK_ALIKE_ACROSS: {
    faulty: {
      ...cleanFolder,
      lookAlikes: [examples.slice(0, 2), examples.filter(({ id }) => id.endsWith('-1.jpg'))],
    },
    places: [
      'good/train-1.jpg (train) = good/validation-1.jpg (validation) = good/test-1.jpg (test) = bad/train-1.jpg (train) = 2 more',
    ],
  },
  OUT_OF_DISTRIBUTION_OVERLAP: {
    faulty: { ...cleanFolder, outOfDistribution: new Map([[digestBytes(original), 'cat/1.jpg']]) },
    places: [`${original} = cat/1.jpg`],
  },
  BACKBONE_SEEN: {
    faulty: {
      ...cleanFolder,
      backbone: { name: 'cats 3f2a9c41d07b', hasSeen: () => true },
    },
    places: cleanFolder.examples
      .filter(({ split }) => split !== 'train')
      .toSorted((a, b) => (a.split < b.split ? -1 : 1))
      .map(({ id, split }) => `${id} (${split})`),
  },
  METADATA_ORPHAN: {
    faulty: { ...cleanFolder, metadata: [...(cleanFolder.metadata ?? []), 'good/gone.jpg'] },
    places: ['good/gone.jpg'],
  },
  METADATA_MISSING: {
    faulty: {
      ...cleanFolder,
      metadata: (cleanFolder.metadata ?? []).filter((id) => id !== original),
    },
    places: [original],
  },
  NAME_CASE: {
    faulty: withExample('good/Train-0.jpg', 'train', 'other'),
    places: [`good/Train-0.jpg = ${original}`],
  },
  NAME_UNPORTABLE: {
    faulty: withExample('good/aux.jpg', 'train', 'other'),
    places: ['good/aux.jpg (is reserved on Windows)'],
  },
};

const table: TableSubject['table'] = {
  label: 'kind',
  features: {
    mass: { kind: 'number', range: [0, 100], missing: 0.1 },
    sex: { kind: 'category', values: ['f', 'm'], missing: 0.1 },
  },
};

const cleanRows = Array.from({ length: 8 }, (_, index) => row({ mass: `${index + 1}` }));
const cleanTable: TableSubject = {
  data: tableOf(cleanRows),
  ...{ table, classes: ['a', 'b'], alsoUsed: ['island'], partOf: () => 'train' },
};

function row(changed: Readonly<Record<string, string>>) {
  const odd = Number(changed.mass) % 2 === 1;
  return { mass: '1', sex: odd ? 'f' : 'm', kind: odd ? 'a' : 'b', island: 'x', ...changed };
}

/** A row whose sex says its kind, whose mass does not, and that no other is equal to. */
function leaking(at: number) {
  const male = at % 3 === 0;
  const facts = { sex: male ? 'm' : 'f', kind: male ? 'b' : 'a' };
  return { ...row({ mass: `${(at * 37) % 97}` }), ...facts, island: `${at}` };
}

/** The clean table with its first rows changed. */
function withRows(...changes: readonly Readonly<Record<string, string>>[]): TableSubject {
  const rows = cleanRows.map((cells, index) => ({ ...cells, ...changes[index] }));
  return { ...cleanTable, data: tableOf(rows) };
}

const gaps = withRows({ mass: 'NA' });
const tableFaults: Faults<TableSubject> = {
  COLUMN_MISSING: {
    faulty: { ...cleanTable, alsoUsed: ['island', 'year'] },
    places: ['year'],
  },
  COLUMN_EXTRA: { faulty: { ...cleanTable, alsoUsed: [] }, places: ['island'] },
  COLUMN_TYPE: { faulty: withRows({ mass: '1 kg' }), places: ['row 1: "1 kg"'] },
  COLUMN_TOO_LARGE: { faulty: withRows({}, { mass: '1e39' }), places: ['row 2: 1e39'] },
  COLUMN_ROUNDED: {
    faulty: withRows({ mass: '90071992547409920' }, { mass: '90071992547409921' }),
    places: ['90071992547409920', '90071992547409921'],
  },
  COLUMN_GAPS: {
    faulty: gaps,
    places: ['row 1'],
    relaxed: {
      ...gaps,
      table: { ...table, features: { mass: { kind: 'number', missing: 0.5 } } },
    },
  },
  COLUMN_RANGE: { faulty: withRows({}, { mass: '101' }), places: ['row 2: 101'] },
  COLUMN_STAND_IN: {
    faulty: withRows({ mass: '-999' }, {}, { mass: '-999' }),
    places: ['row 1: -999', 'row 3: -999'],
  },
  COLUMN_CATEGORY: { faulty: withRows({ sex: 'F' }), places: ['row 1: "F"'] },
  COLUMN_CONSTANT: {
    faulty: withRows(...Array.from({ length: 8 }, () => ({ sex: 'f' }))),
    places: ['sex'],
  },
  LABEL_NOT_POSITIVE: {
    faulty: {
      ...{ ...withRows({ kind: '0' }, { kind: '-2' }), classes: [] },
      table: { ...table, labelScale: 'log' },
    },
    places: ['row 1: 0', 'row 2: -2'],
  },
  LABEL_TOO_SMALL: {
    faulty: {
      ...withRows(...Array.from({ length: 8 }, (_, at) => ({ kind: `${at}e-320` }))),
      classes: [],
    },
    places: ['kind'],
  },
  COLUMN_LEAK: {
    faulty: { ...cleanTable, data: tableOf(Array.from({ length: 120 }, (_, at) => leaking(at))) },
    places: ['sex: AUROC 1.000'],
  },
  LABEL_MISSING: { faulty: withRows({ kind: '' }), places: ['row 1'] },
  LABEL_UNKNOWN: { faulty: withRows({ kind: 'c' }), places: ['row 1: "c"'] },
  VALUE_SPELLINGS: { faulty: withRows({ sex: 'F' }), places: ['"F" = "f"'] },
  ROW_DUPLICATE: { faulty: withRows({}, { ...row({ mass: '1' }) }), places: ['row 1 = row 2'] },
  SLICE_TOO_FINE: {
    faulty: {
      ...{ ...cleanTable, slices: ['island'] },
      data: tableOf(Array.from({ length: 10_001 }, (_, at) => leaking(at))),
    },
    places: ['island'],
  },
  ROW_STRADDLES: {
    faulty: {
      ...{ ...cleanTable, partOf: (at) => (at === 1 ? 'test' : 'train') },
      data: tableOf(
        [...cleanRows, row({ mass: '2' })].map((cells, at) => ({ ...cells, island: `${at}` })),
      ),
    },
    places: ['row 2 (test) = row 9 (train)'],
  },
  ROW_CONFLICT: {
    faulty: withRows({}, { ...row({ mass: '1' }), kind: 'b' }),
    places: ['row 1 (a) ≠ row 2 (b)'],
  },
};

/** Every check of a list with what is planted for it; a check that nothing is planted for fails to build. */
function plantedFor<Subject>(
  checks: readonly CheckUnderTest<Subject>['check'][],
  clean: Subject,
  faults: Faults<Subject>,
): CheckUnderTest<Subject>[] {
  return checks.map((check) => {
    const planted = faults[check.code];
    if (!planted) throw new Error(`Nothing is planted for ${check.code} in tests/contract`);
    return { check, clean, ...planted };
  });
}

plantedFor([...fileChecks, ...qualityChecks], cleanPhotos, photoFaults).forEach(testCheck);
plantedFor(exampleChecks, cleanExamples, exampleFaults).forEach(testCheck);
plantedFor(folderChecks, cleanFolder, folderFaults).forEach(testCheck);
plantedFor(tableChecks, cleanTable, tableFaults).forEach(testCheck);

test('no code is used twice, by another check or by an error', () => {
  const codes = [...allChecks.map(({ code }) => code), ...Object.keys(errorCodes)];
  expect(codes.filter((code, index) => codes.indexOf(code) < index)).toEqual([]);
});

test('a regression target that is NA has no label', () => {
  const regression = { ...cleanTable, classes: [], table: { ...table, label: 'island' } };
  const labels = tableChecks.filter(({ code }) => code.startsWith('LABEL_'));
  const rows = cleanRows.map((cells) => ({ ...cells, island: '4.5' }));
  const found = (cell: string) =>
    labels.flatMap(({ code, observe }) =>
      observe({ ...regression, data: tableOf([{ ...row({}), island: cell }, ...rows]) }).map(
        () => code,
      ),
    );
  expect(found('NA')).toEqual(['LABEL_MISSING']);
  expect(found('much')).toEqual(['LABEL_UNKNOWN']);
  expect(found('5')).toEqual([]);
  expect(found('-1e39')).toEqual([]);
  const tooLarge = tableChecks.find(({ code }) => code === 'COLUMN_TOO_LARGE');
  const target = { ...regression, data: tableOf([{ ...row({}), island: '-1e39' }]) };
  expect(tooLarge?.observe(target)).toMatchObject([{ places: ['row 1: -1e39'] }]);
});

test('a row of a photo that is gone is not taken for one of a photo that has a row itself', () => {
  const [first] = cleanFolder.examples;
  const check = folderChecks.find(({ code }) => code === 'METADATA_ORPHAN');
  const other = first?.id.toUpperCase() ?? '';
  const rows = cleanFolder.examples.map(({ id }) => id);
  const placesOf = (metadata: readonly string[]) =>
    JSON.stringify(check?.observe({ ...cleanFolder, metadata }));
  expect(placesOf([...rows, other])).not.toContain('but the photo is');
  expect(placesOf([...rows.slice(1), other])).toContain('but the photo is');
});
