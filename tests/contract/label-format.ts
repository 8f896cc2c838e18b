import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import type { InitRequest, InitResult } from '../../pipeline/template/init/index.ts';
import { parseCsv } from '../../platform/lib/csv.ts';
import { listFiles } from '../../platform/lib/files.ts';
import { test as base } from '../helpers/folder.ts';
import { initIn, plantTemplate } from '../integration/pipeline/template/init/template.ts';

/** A photo as a tool knows it. */
export interface Entry {
  /** How the tool names the photo. */
  readonly name: string;
  readonly labels: readonly string[];
  /** Something else that is said about it. */
  readonly place?: string;
}

/** What the suite needs of a format: how to write labels down in it. */
export interface FormatUnderTest {
  readonly name: string;
  /** Name of the file. */
  readonly file: string;
  readonly render: (entries: readonly Entry[]) => string;
  /** How the tool names a photo, where it changes names. @default as it is */
  readonly nameOf?: (path: string) => string;
  /** What a person must say where nothing is labelled yet. */
  readonly choice?: Pick<InitRequest, 'label'>;
  /** Whether it can say more than the label. */
  readonly describes: boolean;
  /** Files of this format that cannot be read whole, and what the message says. */
  readonly broken: readonly (readonly [what: string, text: string, says: string])[];
}

const test = base.extend<{ root: string; photos: string }>({
  root: async ({ folder }, use) => {
    await plantTemplate(join(folder, 'repository'));
    await use(join(folder, 'repository'));
  },
  photos: async ({ folder }, use) => {
    await mkdir(join(folder, 'photos'));
    await use(join(folder, 'photos'));
  },
});

/** The contract of every format of labels. */
export function testLabelFormat(format: FormatUnderTest): void {
  const { nameOf = (path) => path } = format;
  const plant = async (folder: string, paths: readonly string[], entries: readonly Entry[]) => {
    for (const [at, path] of paths.entries()) await plantPhoto(join(folder, path), at);
    await writeFile(join(folder, format.file), format.render(entries));
  };
  const named = (path: string, ...labels: string[]): Entry => ({ name: nameOf(path), labels });
  const cats = ['cat', 'dog', 'cat', 'dog'].map((label, at) => named(`${at}.jpg`, label));
  const loose = ['0.jpg', '1.jpg', '2.jpg', '3.jpg'];

  describe(format.name, () => {
    test('photos are sorted into a folder for each label', async ({ root, photos }) => {
      await plant(photos, loose, cats);
      const result = await initIn(root, { name: 'pets', from: photos });
      expect(result.classes).toEqual({ cat: 2, dog: 2 });
      expect(result.notes[0]).toContain(`Labels are those of ${format.file}`);
      expect(await imagesOf(root)).toEqual(['cat/0.jpg', 'cat/2.jpg', 'dog/1.jpg', 'dog/3.jpg']);
      expect(await readFile(join(root, 'data/pets/dog/1.jpg'))).toEqual(
        await readFile(join(photos, '1.jpg')),
      );
    });

    test('the file may lie elsewhere, and is named then', async ({ root, photos, folder }) => {
      await plant(photos, loose, []);
      const from = join(folder, format.file);
      await writeFile(from, format.render(cats));
      const result = await initIn(root, { name: 'pets', from, photos });
      expect(result.classes).toEqual({ cat: 2, dog: 2 });
    });

    test('photos of one name in several folders stay apart', async ({ root, photos }) => {
      const paths = ['all/2025/a b.jpg', 'all/2026/a b.jpg', 'all/2025/c.jpg', 'all/2026/d.jpg'];
      const names = ['2025/a b.jpg', '2026/a b.jpg', '2025/c.jpg', '2026/d.jpg'];
      const labels = ['cat', 'dog', 'dog', 'cat'];
      const entries = names.map((name, at) => ({ name, labels: [labels[at] ?? ''] }));
      await plant(photos, paths, entries);
      await initIn(root, { name: 'pets', from: join(photos, format.file) });
      expect(await imagesOf(root)).toEqual([
        ...['2025/cat/a b.jpg', '2025/dog/c.jpg', '2026/cat/d.jpg', '2026/dog/a b.jpg'],
      ]);
    });

    test('photos without a label and labels without a photo are named', async ({
      root,
      photos,
    }) => {
      const paths = [...loose, '4.jpg', '5.jpg'];
      await plant(photos, paths, [...cats, named('4.jpg'), named('gone.jpg', 'cat')]);
      const { notes, examples } = await initIn(root, { name: 'pets', from: photos });
      expect(examples).toBe(4);
      expect(notes).toContain('Left out 2 photos without a label, for example 4.jpg.');
      expect(notes).toContain(
        `Left out 1 label without a photo, for example ${nameOf('gone.jpg')}.`,
      );
    });

    test('photos with several labels are refused by name', async ({ root, photos }) => {
      await plant(photos, [...loose, '4.jpg'], [...cats, named('4.jpg', 'cat', 'dog')]);
      const error = await refused(root, { name: 'pets', from: photos });
      expect(error.code).toBe('INIT_LABELS_SEVERAL');
      expect(error.message).toContain('1 photo has several labels');
      expect(error.message).toContain('4.jpg: cat, dog');
    });

    test('a name that two photos have is refused', async ({ root, photos }) => {
      const paths = ['2025/0.jpg', '2026/0.jpg', '1.jpg', '2.jpg', '3.jpg'];
      await plant(photos, paths, cats);
      const error = await refused(root, { name: 'pets', from: join(photos, format.file) });
      expect(error.code).toBe('INIT_LABELS_UNCLEAR');
      expect(error.message).toContain('2025/0.jpg, 2026/0.jpg');
    });

    test('photos are found though their names are written in other cases', async ({
      root,
      photos,
    }) => {
      const paths = ['Set/IMG_0.JPG', 'Set/img_1.jpg', 'Set/Img_2.Jpg', 'Set/img_3.jpg'];
      const names = ['set/img_0.jpg', 'SET/IMG_1.JPG', 'Set/img_2.jpg', 'Set/img_3.jpg'];
      const entries = names.map((name, at) => named(name, at < 2 ? 'cat' : 'dog'));
      await plant(photos, paths, entries);
      for (const from of [photos, join(photos, format.file)]) {
        const name = from === photos ? 'pets' : 'beasts';
        const { classes, notes } = await initIn(root, { name, from });
        expect(classes).toEqual({ cat: 2, dog: 2 });
        expect(notes.join(' ')).toContain(
          `Upper and lower case aside, the labels name 3 photos, for example ${paths[0]}, which they call ${nameOf('set/img_0.jpg')}`,
        );
      }
    });

    test('a name that two photos have in other cases is refused', async ({ root, photos }) => {
      const paths = ['Img_0.jpg', 'img_0.jpg', '1.jpg', '2.jpg', '3.jpg'];
      await plant(photos, paths, [named('IMG_0.JPG', 'cat'), ...cats.slice(1)]);
      const error = await refused(root, { name: 'pets', from: join(photos, format.file) });
      expect(error.code).toBe('INIT_LABELS_UNCLEAR');
      expect(error.message).toContain('Img_0.jpg, img_0.jpg');
    });

    test('labels of no photo are refused, from the folder and by name', async ({
      root,
      photos,
    }) => {
      const none = loose.map((path) => named(path));
      await plant(photos, loose, none);
      for (const from of [photos, join(photos, format.file)]) {
        const error = await refused(root, { name: 'pets', from, ...format.choice });
        expect(error.code).toBe('INIT_LABELS_NONE');
        expect(error.message).toContain('names 4 photos, and gives none of them a label');
      }
    });

    test('classes that differ in upper and lower case only are pointed out', async ({
      root,
      photos,
    }) => {
      const labels = ['cat', 'CAT', 'dog', 'cow'];
      const entries = labels.map((label, at) => named(`${at}.jpg`, label));
      await plant(photos, loose, entries);
      const { notes } = await initIn(root, { name: 'pets', from: photos });
      expect(notes).toContain('"CAT" and "cat" look like one class; write it in one way.');
      expect(notes.join()).not.toContain('folders');
    });

    test('a label that no folder can have as its name is refused', async ({ root, photos }) => {
      await plant(photos, loose, [...cats.slice(1), named('0.jpg', '../cat')]);
      const error = await refused(root, { name: 'pets', from: photos });
      expect(error.code).toBe('INIT_LABEL_INVALID');
    });

    test('labels of photos that are nowhere are refused', async ({ root, photos, folder }) => {
      await plant(photos, ['other.jpg'], []);
      const from = join(folder, format.file);
      await writeFile(from, format.render(cats));
      const error = await refused(root, { name: 'pets', from, photos });
      expect(error.code).toBe('INIT_LABELS_NO_PHOTO');
      expect(error.message).toContain('4 photos');
    });

    test('class folders that say something else are refused', async ({ root, photos }) => {
      const paths = ['train/0.jpg', 'train/1.jpg', 'test/2.jpg', 'test/3.jpg'];
      await plant(photos, paths, cats);
      const request = { name: 'pets', from: photos };
      const error = await refused(root, request);
      expect(error.code).toBe('INIT_LABELS_AMBIGUOUS');
      expect(error.message).toContain(format.file);
      const from = join(photos, format.file);
      expect((await initIn(root, { ...request, from })).classes).toEqual({ cat: 2, dog: 2 });
    });

    test('letters in another encoding are refused, never taken for other letters', async ({
      root,
      photos,
    }) => {
      const beetles = cats.map(({ name, labels: [label = ''] }) =>
        label === 'cat' ? { name, labels: ['Käfer'] } : { name, labels: [label] },
      );
      await plant(photos, loose, []);
      await writeFile(join(photos, format.file), format.render(beetles), 'latin1');
      const error = await refused(root, { name: 'pets', from: join(photos, format.file) });
      expect(error.message).toContain('not UTF-8');
      expect(existsSync(join(root, 'data/pets'))).toBe(false);
    });

    test('a photo that is there twice is one photo, and keeps all that is said of it', async ({
      root,
      photos,
    }) => {
      const places = ['barn', 'field'];
      const entries = places.flatMap((place) => cats.map((entry) => ({ ...entry, place })));
      await plant(photos, loose, entries);
      const { notes, examples } = await initIn(root, { name: 'pets', from: photos });
      expect(examples).toBe(4);
      expect(notes[0]).toContain('4 photos)');
      if (!format.describes) return;
      expect(notes.join(' ')).toContain('place barn; field');
      const metadata = await readFile(join(root, 'data/pets/metadata.csv'));
      const kept = parseCsv(metadata, 'metadata.csv').rows.map(({ place }) => place);
      expect(kept).toEqual(Array.from(loose, () => 'barn; field'));
    });

    if (format.describes) {
      test('what else is said is metadata', async ({ root, photos }) => {
        const entries = cats.map((entry, at) => ({ ...entry, place: at < 2 ? 'barn' : 'a, "b"' }));
        await plant(photos, loose, entries);
        await initIn(root, { name: 'pets', from: photos });
        const metadata = await readFile(join(root, 'data/pets/metadata.csv'));
        expect(parseCsv(metadata, 'metadata.csv').rows).toContainEqual(
          expect.objectContaining({ file: 'dog/3.jpg', place: 'a, "b"' }),
        );
      });
    }

    test.for(format.broken)(
      'a file with %s is refused whole',
      async ([, text, says], { root, photos }) => {
        await plant(photos, loose, cats);
        const from = join(photos, format.file);
        await writeFile(from, text);
        const error = await refused(root, { name: 'pets', from });
        expect(error.message).toContain(from);
        expect(error.message).toContain(says);
      },
    );
  });
}

async function plantPhoto(path: string, at: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const background = { r: 40 * at, g: 200 - 30 * at, b: 90 };
  const image = sharp({ create: { width: 32, height: 32, channels: 3, background } });
  await image.jpeg().toFile(path);
}

async function imagesOf(root: string): Promise<string[]> {
  return (await listFiles(join(root, 'data/pets'))).filter((path) => path !== 'metadata.csv');
}

async function refused(root: string, request: InitRequest): Promise<Error & { code: string }> {
  const result: InitResult | (Error & { code: string }) = await initIn(root, request).catch(
    (thrown) => thrown,
  );
  if (!(result instanceof Error)) throw new Error('it was not refused');
  expect(await listFiles(root)).not.toContain('pipeline/projects/pets/project.ts');
  return result;
}
