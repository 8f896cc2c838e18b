import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { loadProject } from '../../../../../platform/schemas/define/index.ts';
import { test as base } from '../../../../helpers/folder.ts';
import { checkCode, initIn, plantSpots, plantTemplate } from './template.ts';

const penguins = join(
  import.meta.dirname,
  '../../../../../pipeline/projects/penguins/penguins.csv',
);

/** `root` is the template, `outside` a folder beside it. */
const test = base.extend<{ root: string; outside: string }>({
  root: async ({ folder }, use) => {
    await plantTemplate(join(folder, 'repository'));
    await use(join(folder, 'repository'));
  },
  outside: async ({ folder }, use) => {
    await mkdir(join(folder, 'outside'), { recursive: true });
    await use(join(folder, 'outside'));
  },
});

test('all that is written type-checks and is as the formatter wants it', async ({
  root,
  outside,
}) => {
  await plantSpots(outside, { red: 2, "it's green": 2, 'blue, "deep"': 2 });
  const many = Array.from({ length: 40 }, (_, at) => `${at}th value of many`);
  const rows = [...many, ...many, ...many, ...many].map(
    (value, at) => `${value},${at / 7},${at % 2}`,
  );
  await writeFile(join(outside, 'wide.csv'), ['a long column,"x-y",z', ...rows].join('\n'));
  await initIn(root, {
    name: 'spots',
    from: outside,
    source: `a ${'very '.repeat(20)}long source`,
  });
  await initIn(root, { name: 'birds', from: penguins, label: 'species' });
  await initIn(root, { name: 'mass', from: penguins, label: 'body_mass_g' });
  await initIn(root, { name: 'wide', from: join(outside, 'wide.csv'), label: 'z' });
  await initIn(root, { name: 'large', from: await plantLarge(outside), label: 'kind' });
  await checkCode(root);
});

/** A table of so many rows that trees are proposed. */
async function plantLarge(outside: string): Promise<string> {
  const rows = Array.from({ length: 10_000 }, (_, row) => `${row % 97},${row % 2 ? 'a' : 'b'}`);
  const path = join(outside, 'large.csv');
  await writeFile(path, ['size,kind', ...rows].join('\n'));
  return path;
}

test('a folder in which a file does not label the photos says why not', async ({
  root,
  outside,
}) => {
  await plantSpots(outside, { red: 4 });
  const reasonOf = async (text: string) => {
    await writeFile(join(outside, 'red/about.json'), text);
    const error = await initIn(root, { name: 'spots', from: join(outside, 'red') }).catch(
      (thrown) => thrown,
    );
    expect(error.code).toBe('INIT_NO_PHOTOS');
    return error.message;
  };
  const unknown = 'about.json is in none of the formats of labels that are read';
  expect(await reasonOf('{"a":1}')).toContain(unknown);
  expect(await reasonOf('{"Images":[],"Annotations":[],"Categories":[]}')).toContain(unknown);
  const images = [{ id: 1, file_name: 'elsewhere.jpg' }];
  expect(await reasonOf(JSON.stringify({ images, annotations: [], categories: [] }))).toContain(
    'about.json (COCO) names none of them, but for example elsewhere.jpg',
  );
});

describe('a CSV file that is given by its name', () => {
  const plant = async (outside: string, lines: (name: string, at: number) => string) => {
    await plantSpots(outside, { red: 4, blue: 4 });
    const photos = (await readdir(outside, { recursive: true })).filter((one) => /g$/.test(one));
    const from = join(outside, 'about.csv');
    const rows = photos.map((path, at) => lines(path, at));
    await writeFile(from, [lines('file', -1), ...rows, ''].join('\n'));
    return from;
  };
  const label = (at: number) => (at < 0 ? 'label' : 'ab'[at % 2]);

  test.for([
    ['as they are', (name: string) => name],
    ['in other cases', (name: string) => (name === 'file' ? name : name.toUpperCase())],
    ['without their extensions', (name: string) => name.replace(/\.\w+$/, '')],
  ] as const)('and names photos %s holds their labels', async ([, called], { root, outside }) => {
    const from = await plant(outside, (name, at) => `${called(name)},${label(at)}`);
    expect((await initIn(root, { name: 'spots', from })).classes).toEqual({ a: 4, b: 4 });
  });

  test('and names photos that are elsewhere says so', async ({ root, outside }) => {
    const from = await plant(outside, (name, at) => `${name.replace('.', '-gone.')},${label(at)}`);
    await expect(initIn(root, { name: 'spots', from })).rejects.toMatchObject({
      code: 'INIT_LABELS_NO_PHOTO',
    });
  });

  test.for([
    ['words', (at: number) => (at < 0 ? 'colour' : `red/${at % 3}`)],
    ['numbers', (at: number) => (at < 0 ? 'step' : String((at * 3) % 4))],
  ] as const)(
    'and holds %s that happen to be names of photos is a table',
    async ([, word], { root, outside }) => {
      await plantSpots(outside, { red: 4, blue: 4 });
      const from = join(outside, 'about.csv');
      const rows = Array.from({ length: 60 }, (_, at) => `${word(at)},${at % 7},${label(at)}`);
      await writeFile(from, [`${word(-1)},size,label`, ...rows, ''].join('\n'));
      const { task } = await initIn(root, { name: 'spots', from, label: 'label' });
      expect(task).toBe('tabular-classification');
    },
  );

  test('and says more than photos that are elsewhere is a table', async ({ root, outside }) => {
    const from = await plant(
      outside,
      (name, at) => `${name.replace('.', '-gone.')},${label(at)},${at < 0 ? 'size' : at % 4}`,
    );
    const { task } = await initIn(root, { name: 'spots', from, label: 'label' });
    expect(task).toBe('tabular-classification');
  });
});

describe('from a folder of photos', () => {
  test('the project loads, and the photos are copied', async ({ root, outside }) => {
    await plantSpots(outside, { red: 12, "it's green": 6, 'blue, "deep"': 6 });
    await writeFile(join(outside, 'red', 'notes.txt'), 'not a photo');
    const result = await initIn(root, { name: 'spots', from: outside, licence: 'CC0-1.0' });
    expect(result).toMatchObject({
      task: 'image-classification',
      data: 'data/spots',
      copied: true,
      examples: 24,
      classes: { red: 12, "it's green": 6, 'blue, "deep"': 6 },
    });
    expect(await readdir(join(root, 'data/spots/red'))).toHaveLength(12);
    const { definition, parameters } = await loadProject(root, 'spots');
    expect(definition.classes).toEqual(['blue, "deep"', "it's green", 'red']);
    expect(parameters).toMatchObject({ imageSize: 64 });
  });

  test('data inside the repository stays where it is', async ({ root }) => {
    await plantSpots(join(root, 'data/mine'), { a: 2, b: 2 });
    const result = await initIn(root, { name: 'spots', from: join(root, 'data/mine') });
    expect(result).toMatchObject({ data: 'data/mine', copied: false });
    expect(await readdir(join(root, 'data'))).toEqual(['mine']);
  });

  test('folders above the class folders do not matter', async ({ root, outside }) => {
    await plantSpots(join(outside, 'train'), { cat: 3, dog: 3 });
    await plantSpots(join(outside, 'test'), { cat: 1, dog: 1 });
    const { classes } = await initIn(root, { name: 'pets', from: outside });
    expect(classes).toEqual({ cat: 4, dog: 4 });
  });

  test('unequal classes change neither the floor nor the weights of training', async ({
    root,
    outside,
  }) => {
    await plantSpots(outside, { common: 9, rare: 1 });
    await initIn(root, { name: 'spots', from: outside });
    const { definition, parameters } = await loadProject(root, 'spots');
    expect(definition.gates[0]).toEqual({ metric: 'logLossSkill', atLeast: 0.02 });
    expect(parameters).toMatchObject({ classWeights: 'none' });
  });

  test('columns of metadata.csv become slices and the group', async ({ root, outside }) => {
    await plantSpots(outside, { a: 30, b: 30 });
    const rows = ['a', 'b'].flatMap((name) =>
      Array.from({ length: 30 }, (_, at) => `${name}/${at}.jpg,${at % 2 ? 'sun' : 'rain'},${at}`),
    );
    await writeFile(join(outside, 'metadata.csv'), ['file,weather,tree', ...rows].join('\n'));
    await initIn(root, { name: 'leaves', from: outside });
    const { definition } = await loadProject(root, 'leaves');
    expect(definition.slices).toEqual([{ column: 'weather', minimumCount: 20 }]);
    expect(definition.split.group).toBe('tree');
  });
});

describe('from a table', () => {
  test.for(['constructor', '__proto__', 'toString'])(
    'a class and a column called %s are names like any other',
    async (name, { root, outside }) => {
      const path = join(outside, 'odd.csv');
      const rows = Array.from({ length: 90 }, (_, at) =>
        [
          at % 2 ? name : 'driver',
          ((at * 7) % 50) + (at % 2) * 100,
          at % 3 ? 'red' : 'green',
        ].join(),
      );
      await writeFile(path, [`kind,${name},colour`, ...rows, ''].join('\n'));
      await initIn(root, { name: 'odd', from: path, label: 'kind' });
      const { definition } = await loadProject(root, 'odd');
      expect(definition.classes).toEqual([name, 'driver'].sort());
      expect(Object.keys(definition.table?.features ?? {}).sort()).toEqual([name, 'colour'].sort());
      expect(Object.keys(definition.page.classes)).toEqual(definition.classes);
    },
  );

  test('rows that cannot all differ are dealt one by one, others by their content', async ({
    root,
    outside,
  }) => {
    const coarse = Array.from({ length: 90 }, (_, at) => `${at % 3},${at % 2 ? 'old' : 'young'}`);
    await writeFile(join(outside, 'coarse.csv'), ['class,age', ...coarse, ''].join('\n'));
    await initIn(root, { name: 'people', from: join(outside, 'coarse.csv'), label: 'age' });
    expect((await loadProject(root, 'people')).definition.split.equalRows).toBe('apart');
    await initIn(root, { name: 'birds', from: penguins, label: 'species' });
    expect((await loadProject(root, 'birds')).definition.split).not.toHaveProperty('equalRows');
    // A column that no number can hold is left out, and says nothing of how many rows can differ.
    const huge = Array.from(
      { length: 90 },
      (_, at) => `1e${at + 250},${at / 7},${at % 2 ? 'old' : 'young'}`,
    );
    await writeFile(join(outside, 'huge.csv'), ['weight,size,age', ...huge, ''].join('\n'));
    await initIn(root, { name: 'stars', from: join(outside, 'huge.csv'), label: 'age' });
    expect((await loadProject(root, 'stars')).definition.split).not.toHaveProperty('equalRows');
  });

  test('a text label makes a classifier that loads', async ({ root }) => {
    const request = { name: 'birds', from: penguins, label: 'species' };
    const result = await initIn(root, request);
    expect(result).toMatchObject({ task: 'tabular-classification', data: 'data/birds.csv' });
    const { definition } = await loadProject(root, 'birds');
    expect(definition.classes).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
    expect(definition.table?.features).toMatchObject({
      bill_length_mm: { kind: 'number', range: [25, 67] },
      sex: { kind: 'category', values: ['female', 'male'] },
    });
  });

  test('a numeric label with many values makes a regression', async ({ root }) => {
    const request = { name: 'mass', from: penguins, label: 'body_mass_g' };
    expect(await initIn(root, request)).toMatchObject({ task: 'tabular-regression', classes: {} });
    const { definition } = await loadProject(root, 'mass');
    expect(definition.classes).toBeUndefined();
    // 344 penguins are too few to show a margin of the whole error; a slice fails only by what is shown.
    expect(definition.gates).toEqual([
      { metric: 'r2', atLeast: 0.02 },
      { slices: 'mae', notWorseBy: 0.1 },
    ]);
  });

  test('a regression with enough rows may not get worse by more than its test can show', async ({
    root,
    outside,
  }) => {
    const from = join(outside, 'table.csv');
    const rows = Array.from({ length: 3000 }, (_, at) => `${(at * 37) % 1000},${at / 7}`);
    await writeFile(from, ['x,y', ...rows].join('\n'));
    await initIn(root, { name: 'long', from, label: 'y' });
    const { definition } = await loadProject(root, 'long');
    expect(definition.gates).toContainEqual({ metric: 'mae', notWorseBy: 0.13 });
  });

  test('a quoted name may hold semicolons', async ({ root, outside }) => {
    const from = join(outside, 'table.csv');
    const rows = Array.from({ length: 60 }, (_, at) => `${at % 7},${at % 2 ? 'yes' : 'no'}`);
    await writeFile(from, ['"a; b; c",label', ...rows].join('\n'));
    await initIn(root, { name: 'odd', from, label: 'label' });
    const { definition } = await loadProject(root, 'odd');
    expect(Object.keys(definition.table?.features ?? {})).toEqual(['a; b; c']);
  });

  test('columns that cannot help are left out with the reason', async ({ root, outside }) => {
    const rows = Array.from({ length: 60 }, (_, at) =>
      [at + 1, `note ${at}`, 'x', at % 7, at % 2 ? 'yes' : 'no'].join(','),
    );
    const from = join(outside, 'table.csv');
    await writeFile(from, ['number,remark,same,"odd name",label', ...rows].join('\n'));
    const { notes } = await initIn(root, { name: 'odd', from, label: 'label' });
    expect(notes).toEqual([
      'Left out: number counts the rows.',
      'Left out: remark looks like an identifier.',
      'Left out: same never changes.',
      'No gate says how much worse than the model that serves a new one may be: that needs about 750 rows (see gates in project.ts).',
    ]);
    const { definition } = await loadProject(root, 'odd');
    expect(Object.keys(definition.table?.features ?? {})).toEqual(['odd name']);
  });
});

describe('words for gaps among names', () => {
  test.for(['NA', 'None', 'null'])('are pointed out: %s', async (word, { root, outside }) => {
    const rows = Array.from({ length: 120 }, (_, at) => {
      const [kind, label] = [['red', 'blue', word][at % 3], ['a', 'b', word][at % 3]];
      return `${kind},${(at * 13) % 50},${label}`;
    });
    const from = join(outside, 'table.csv');
    await writeFile(from, ['kind,size,label', ...rows].join('\n'));
    const { notes } = await initIn(root, { name: 'words', from, label: 'label' });
    for (const column of ['kind', 'label'])
      expect(notes).toContain(
        `${column}: "${word}" (40 rows) is taken for a name; where it means a gap, leave the cell empty.`,
      );
  });
});

test('a large table gets boosted trees, which need no model.ts', async ({ root, outside }) => {
  const from = await plantLarge(outside);
  const { files } = await initIn(root, { name: 'large', from, label: 'kind' });
  expect(files.map((file) => basename(file)).sort()).toEqual([
    'README.md',
    'params.json',
    'project.ts',
  ]);
  const { definition, parameters } = await loadProject(root, 'large');
  expect(definition.model).toEqual({ kind: 'trees' });
  expect(parameters).toMatchObject({ earlyStopping: 50, model: { leaves: 31 } });
  expect(await readFile(join(root, 'pipeline/projects/large/README.md'), 'utf8')).not.toMatch(
    /model\.ts|epochs|network/,
  );
});

describe('what a table holds beside what it should is said', () => {
  const rows = (cells: (at: number) => string) =>
    Array.from({ length: 120 }, (_, at) => `${cells(at)},${(at * 13) % 50},${at % 2 ? 'a' : 'b'}`);
  const initTable = async (root: string, outside: string, lines: readonly string[]) => {
    const from = join(outside, 'table.csv');
    await writeFile(from, `${lines.join('\n')}\n`);
    const result = await initIn(root, { name: 'made', from, label: 'kind' });
    return { ...result, definition: (await loadProject(root, 'made')).definition };
  };

  test('numbers that no model can hold are called so, not empty', async ({ root, outside }) => {
    const from = join(outside, 'table.csv');
    const rows = Array.from({ length: 60 }, (_, at) => `${at + 1}e300,${at % 7},${'ab'[at % 2]}`);
    await writeFile(from, ['size,age,label', ...rows, ''].join('\n'));
    const { notes } = await initIn(root, { name: 'huge', from, label: 'label' });
    expect(notes.join()).toMatch(/size holds numbers beyond 3\.4e38, for example "\d+e300"/);
    expect(notes.join()).not.toContain('empty');
  });

  test('a few gaps and slips leave a column of numbers one', async ({ root, outside }) => {
    const odd: Record<number, string> = { 3: '?', 40: 'n/a', 41: '?', 77: '1e39', 90: 'much' };
    const { notes, definition } = await initTable(root, outside, [
      ' x , y, kind',
      ...rows((at) => odd[at] ?? ` ${at}`),
    ]);
    expect(definition.table?.features.x).toMatchObject({ kind: 'number', range: [0, 150] });
    expect(notes).toContain('x: 3 cells taken for gaps ("?", "n/a").');
    expect(notes).toContain(
      'x: all but 2 cells are numbers up to 3.4e38 ("1e39", "much"): validation stops until they are numbers or empty.',
    );
  });

  test('a network gets a number for frequent gaps, rare ones are the mean', async ({
    root,
    outside,
  }) => {
    const lines = ['x,y,kind', ...rows((at) => (at % 3 ? String(at) : '')).slice(0, 100)];
    const { definition } = await initTable(root, outside, lines);
    expect(definition.table?.features.x).toMatchObject({ indicateGaps: true });
    expect(definition.table?.features.y?.indicateGaps).toBeUndefined();
  });

  test('decimal commas are called by their name', async ({ root, outside }) => {
    const { notes } = await initTable(root, outside, ['x,y,kind', ...rows((at) => `"4,${at}"`)]);
    expect(notes[0]).toMatch(/^Left out: x looks like numbers written as "4,0": .*decimal points/);
  });

  test('classes that look alike', async ({ root, outside }) => {
    const labels = ['0', '0.0', '1', '1.0'];
    const lines = Array.from({ length: 120 }, (_, at) => `${(at * 7) % 50},${labels[at % 4]}`);
    const { notes } = await initTable(root, outside, ['x,kind', ...lines]);
    expect(notes).toContain('kind: "0" and "0.0" look like one class; write it in one way.');
    expect(notes).toContain('kind: "1" and "1.0" look like one class; write it in one way.');
  });

  test('an identifier becomes the group, so that changed rows keep their split', async ({
    root,
    outside,
  }) => {
    const { notes, definition } = await initTable(root, outside, [
      'CustomerId,y,kind',
      ...rows((at) => `${1000 + at * 3}`),
    ]);
    expect(definition.split.group).toBe('CustomerId');
    expect(notes).toContain('Rows go to the splits by their CustomerId (split.group).');
  });

  test('columns without a name are distinguished by their places', async ({ root, outside }) => {
    const twice = initTable(root, outside, ['x,,kind,', ...rows((at) => `${at},1`)]);
    await expect(twice).rejects.toThrow('column 4: neither this column nor column 2 has a name');
    const { notes } = await initTable(root, outside, [',y,kind', ...rows((at) => `${at * 2}`)]);
    expect(notes).toContain('Left out: (column 1, without a name) cannot be referred to.');
  });

  test('a column that says when is proposed for a split by time', async ({ root, outside }) => {
    const day = (at: number) => new Date(Date.UTC(2024, 0, at)).toISOString().slice(0, 10);
    const { notes } = await initTable(root, outside, ['day,x,kind', ...rows((at) => `${day(at)}`)]);
    expect(notes.join()).toContain('day says when: if what is predicted changes with time');
    const path = join(root, 'pipeline/projects/made/project.ts');
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/\/\/ split: \{ seed: 1, fractions: \[.*\], by: 'time', time: 'day' \},/);
  });

  test('where the test split is too small to compare models there is no such gate', async ({
    root,
    outside,
  }) => {
    const { definition } = await initTable(root, outside, ['x,y,kind', ...rows(String)]);
    expect(definition.gates).toHaveLength(1);
    const text = await readFile(join(root, 'pipeline/projects/made/project.ts'), 'utf8');
    expect(text).toContain('// With 750 rows or more, add how much worse');
  });
});

describe('photos from anywhere', () => {
  test('folders that other programs keep are left out, and where photos are from is said', async ({
    root,
    outside,
  }) => {
    await plantSpots(join(outside, 'shop'), { cat: 3, dog: 3 });
    await plantSpots(join(outside, 'old/shop'), { cat: 2, dog: 1 });
    await plantSpots(join(outside, 'shop/cat/@eaDir'), { 'IMG_1.jpg': 2 });
    await plantSpots(join(outside, '__MACOSX'), { cat: 2 });
    const { notes, classes } = await initIn(root, { name: 'pets', from: outside });
    expect(classes).toEqual({ cat: 5, dog: 4 });
    expect(notes.slice(0, 2)).toEqual([
      'Took photos from class folders in old/shop (3), shop (6): are these your data?',
      'Left out 2 folders of other programs, for example __MACOSX.',
    ]);
  });

  test('photos none of which can be decoded make no project, and the reason is said', async ({
    root,
    outside,
  }) => {
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic0000mif1heic')]);
    for (const name of ['cat', 'dog']) {
      await mkdir(join(outside, name));
      for (const at of [1, 2, 3]) await writeFile(join(outside, name, `IMG_${at}.jpg`), heic);
    }
    const error = await initIn(root, { name: 'pets', from: outside }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INIT_NO_PHOTOS' });
    expect(error.message).toContain('none of the 6 photos looked at can be decoded');
    expect(error.message).toContain('cat/IMG_1.jpg: it is HEIC, whatever its name says');
    expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
  });

  test('links and empty folders are named, since nothing of them is taken', async ({
    root,
    outside,
    folder,
  }) => {
    const elsewhere = join(folder, 'elsewhere');
    await plantSpots(elsewhere, { cat: 2 });
    await mkdir(join(outside, 'cat'), { recursive: true });
    for (const name of ['0.jpg', '1.jpg'])
      await symlink(join(elsewhere, 'cat', name), join(outside, 'cat', name));
    const error = await initIn(root, { name: 'pets', from: outside }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INIT_NO_PHOTOS' });
    expect(error.message).toContain('none of its 0 files is a JPEG');
    expect(error.message).toContain('and 2 links not followed');

    await plantSpots(outside, { dog: 3, bird: 3 });
    await symlink(elsewhere, join(outside, 'more'));
    await mkdir(join(outside, 'fish'));
    // Of these only the first is a photo that somebody may miss.
    for (const name of ['.secret.JPG', '._1.jpg', '.DS_Store', '.gitkeep'])
      await copyFile(join(outside, 'dog/0.jpg'), join(outside, 'dog', name));
    execFileSync('mkfifo', [join(outside, 'cat/pipe.jpg')]);
    const { notes } = await initIn(root, { name: 'pets', from: outside });
    expect(notes).toContain(
      'Left out 3 symbolic links, for example cat/0.jpg: put the files themselves there to have them.',
    );
    expect(notes).toContain(
      'Left out 1 hidden photo, for example dog/.secret.JPG: take the dot off its name to have it.',
    );
    expect(notes).toContain('Left out 1 empty folder, for example fish.');
    expect(notes).toContain(
      'Left out 1 thing that is neither file nor folder (a pipe, a socket or a device), for example cat/pipe.jpg.',
    );
  });

  test('a few that cannot be decoded are named', async ({ root, outside }) => {
    await plantSpots(outside, { cat: 3, dog: 3 });
    await writeFile(join(outside, 'cat/0.jpg'), '');
    const { notes } = await initIn(root, { name: 'pets', from: outside });
    expect(notes[0]).toBe(
      '1 of 6 photos looked at cannot be decoded, for example cat/0.jpg: it is empty. Validation stops until they are replaced or removed.',
    );
  });
});

test('photos that the server does not take, and those of several pictures, are pointed out', async ({
  root,
  outside,
}) => {
  await plantSpots(outside, { cat: 3, dog: 3 });
  const { data, info } = await sharp(await readFile(join(outside, 'cat', await firstOf(outside))))
    .resize(32, 64, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels, pageHeight: 32 };
  await sharp(data, { raw }).gif().toFile(join(outside, 'cat/wag.gif'));
  await sharp(data, { raw }).webp().toFile(join(outside, 'dog/wag.webp'));
  await sharp(data, { raw }).avif().toFile(join(outside, 'dog/still.avif'));
  const whole = await readFile(join(outside, 'cat', await firstOf(outside)));
  await writeFile(join(outside, 'dog/cut.jpg'), whole.subarray(0, whole.length - 40));
  const { notes } = await initIn(root, { name: 'pets', from: outside });
  expect(notes.join('\n')).toContain('dog/cut.jpg: it is damaged or incomplete.');
  expect(notes).toContain(
    '2 of the 9 photos looked at are GIF and AVIF: the model learns from them, but its server takes only JPEG, PNG, and WebP.',
  );
  expect(notes).toContain(
    '2 of the 9 photos looked at hold several pictures, for example cat/wag.gif: only the first of each is used.',
  );
});

test('files too large to be read are named, and a table of that size stops', async ({
  root,
  outside,
}) => {
  await plantSpots(outside, { cat: 3, dog: 3 });
  await writeFile(join(outside, 'cat/video.jpg'), '');
  await truncate(join(outside, 'cat/video.jpg'), 401_000_000);
  const { notes } = await initIn(root, { name: 'pets', from: outside });
  expect(notes.join('\n')).toContain('cat/video.jpg: it has more than 400 MB.');
  const table = join(outside, 'rows.csv');
  await writeFile(table, 'x,y\n');
  await truncate(table, 2_300_000_000);
  const refused = initIn(root, { name: 'rows', from: table, label: 'y' });
  await expect(refused).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('more than 2 GiB'),
  });
});

async function firstOf(folder: string): Promise<string> {
  const names = await readdir(join(folder, 'cat'));
  return names.find((name) => /\.(jpe?g|png)$/.test(name)) ?? '';
}

describe('what does not fit is said, and nothing is written', () => {
  type Case = [code: string, request: { name?: string; label?: string }, about: string];
  const tables: [...Case, content: string][] = [
    ['INIT_LABEL_NEEDED', {}, 'x, y', 'x,y\n1,a\n2,b\n'],
    ['INIT_LABEL_UNKNOWN', { label: 'z' }, 'x, y', 'x,y\n1,a\n2,b\n'],
    ['INIT_ONE_CLASS', { label: 'y' }, 'a', 'x,y\n1,a\n2,a\n'],
    ['INIT_CLASSES_ALIKE', { label: 'y' }, 'U+0301', 'x,y\n1,caf\u00e9\n2,cafe\u0301\n'],
    ['INIT_CLASSES_ALIKE', { label: 'y' }, 'U+200B', 'x,y\n1,ripe\n2,ri\u200bpe\n'],
    ['INIT_SEPARATOR', { label: 'y' }, 'semicolons', 'x;y\n1;a\n'],
    ['INIT_SEPARATOR', { label: 'y' }, 'decimal points', 'x;"y, in kg"\r\n1,5;a\r\n'],
    ['INIT_SEPARATOR', { label: 'y' }, 'tabs', 'x\ty\n1,5\ta\n'],
    ['INIT_NO_ROWS', { label: 'y' }, 'no rows', 'x,y\n'],
    ['INIT_NOT_CSV', { label: 'y' }, 'two columns', 'x\n1\n'],
    ['DATA_INVALID', { label: 'y' }, 'line 2, column 3', 'x,y\n1,a,3\n'],
    ['INIT_NO_FEATURES', { label: 'y' }, 'never changes', 'x,y\n1,a\n1,b\n'],
    ['INIT_NAME_INVALID', { name: 'My Project', label: 'y' }, 'My Project', 'x,y\n1,a\n2,b\n'],
    [
      'INIT_NAME_INVALID',
      { name: 'a'.repeat(64), label: 'y' },
      'at most 63 letters',
      'x,y\n1,a\n2,b\n',
    ],
    ['INIT_NAME_INVALID', { name: 'con', label: 'y' }, 'reserved on Windows', 'x,y\n1,a\n2,b\n'],
    ['INIT_NAME_INVALID', { name: 'lpt1', label: 'y' }, 'reserved on Windows', 'x,y\n1,a\n2,b\n'],
  ];
  test.for(tables)('%s %o', async ([code, request, about, content], { root, outside }) => {
    const from = join(outside, 'table.csv');
    await writeFile(from, content);
    const error = await initIn(root, { name: 'new', from, ...request }).catch((thrown) => thrown);
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.hint}`).toContain(about);
    expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
  });

  test('a folder without photos, with loose photos, with one class, or with two that look the same', async ({
    root,
    outside,
  }) => {
    const request = { name: 'new', from: outside };
    await expect(initIn(root, request)).rejects.toMatchObject({ code: 'INIT_NO_PHOTOS' });
    await plantSpots(outside, { only: 2 });
    await expect(initIn(root, request)).rejects.toMatchObject({ code: 'INIT_ONE_CLASS' });
    await plantSpots(outside, { 'only\u00a0': 2 });
    await expect(initIn(root, request)).rejects.toMatchObject({ code: 'INIT_CLASSES_ALIKE' });
    const loose = join(outside, 'only');
    const error = await initIn(root, { name: 'new', from: loose }).catch((thrown) => thrown);
    expect(error.message).toContain('its 2 photos are not in a class folder');
    expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
  });

  test('a project or data of that name is never overwritten', async ({ root }) => {
    const request = { name: 'birds', from: penguins, label: 'species' };
    await mkdir(join(root, 'data'));
    await copyFile(penguins, join(root, 'data/birds.csv'));
    await expect(initIn(root, request)).rejects.toMatchObject({
      code: 'INIT_EXISTS',
      details: { path: 'data/birds.csv' },
    });
    expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
    const other = { ...request, name: 'others' };
    await initIn(root, other);
    const path = join(root, 'pipeline/projects/others/params.json');
    await writeFile(path, 'mine');
    await expect(initIn(root, other)).rejects.toMatchObject({ code: 'INIT_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test('an interrupted copy leaves nothing behind', async ({ root, outside }) => {
    await plantSpots(outside, { a: 2, b: 2 });
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(initIn(root, { name: 'new', from: outside }, signal)).rejects.toThrow();
    expect((await readdir(root)).includes('data')).toBe(false);
    expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
  });
});

test('data that stays where another project has it is named, and only there', async ({
  root,
  outside,
}) => {
  await mkdir(join(root, 'tables'));
  const table = join(root, 'tables/birds.csv');
  await copyFile(penguins, table);
  const first = await initIn(root, { name: 'birds', from: table, label: 'species' });
  expect(first.notes.join()).not.toContain('is the data of');
  const masses = await initIn(root, { name: 'masses', from: table, label: 'body_mass_g' });
  expect(masses.notes.at(-1)).toMatch(/^tables\/birds\.csv is the data of birds, too: .*Copy it/);
  // A project that cannot be loaded is not in the way.
  await mkdir(join(root, 'pipeline/projects/broken'));
  await writeFile(join(root, 'pipeline/projects/broken/project.ts'), 'export default {');
  const third = await initIn(root, { name: 'third', from: table, label: 'species' });
  expect(third.notes.at(-1)).toMatch(/^tables\/birds\.csv is the data of birds and masses, too/);
  await copyFile(penguins, join(outside, 'copy.csv'));
  const own = await initIn(root, {
    ...{ name: 'own', from: join(outside, 'copy.csv'), label: 'species' },
  });
  expect(own.notes.join()).not.toContain('is the data of');
});

test('photos whose names nobody can tell apart are refused before anything is written', async ({
  root,
  outside,
}) => {
  await plantSpots(outside, { red: 2, green: 2 });
  for (const form of ['NFC', 'NFD'] as const) {
    await copyFile(
      join(outside, 'red/0.jpg'),
      join(outside, 'red', `${'été'.normalize(form)}.jpg`),
    );
  }
  const refused = initIn(root, { name: 'odd', from: outside });
  await expect(refused).rejects.toMatchObject({ code: 'DATA_NAMES_ALIKE' });
  expect(await readdir(join(root, 'pipeline/projects'))).toEqual([]);
});
