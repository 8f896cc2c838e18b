import { extname, join, resolve } from 'node:path';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { evenly } from '../../../platform/lib/evenly.ts';
import { exists, listFiles, writeFileAtomic } from '../../../platform/lib/files.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import type { DatasetDefinition, Project } from '../../../platform/schemas/define/index.ts';
import { hasImageName } from '../../../platform/transforms/index.ts';
import { assertOutput } from '../assert-output.ts';
import { drawText, lineHeight } from './draw-text.ts';

/** What a contact sheet shows. */
export interface ContactSheet {
  readonly path: string;
  readonly groups: readonly { readonly title: string; readonly files: number }[];
}

interface Group {
  readonly title: string;
  /** All of the group's photos, as absolute paths. */
  readonly paths: readonly string[];
}

const [tileWidth, tileHeight, gap, columns, headingScale] = [144, 108, 4, 8, 2] as const;
const headingHeight = lineHeight * headingScale + 14;

/**
 * Writes one picture with some photos of every class, and of every kind of out-of-distribution input.
 *
 * @param options.count photos a class, evenly spread over its files. @param options.out default
 * `.mainstem/contact-sheets/<project>.jpg`
 * @throws MainstemError DATA_MISSING, OUTPUT_TAKEN
 */
export async function writeContactSheet(
  root: string,
  { definition }: Project,
  options: { readonly count: number; readonly out?: string },
): Promise<ContactSheet> {
  const groups = await findGroups(root, definition.data, definition.classes);
  if (groups.length === 0) {
    const { name, path } = definition.data;
    throw new MainstemError('DATA_MISSING', { dataset: name, path, project: definition.name });
  }
  if (definition.outOfDistribution) {
    for (const group of await findGroups(root, definition.outOfDistribution)) {
      groups.push({ ...group, title: `other: ${group.title}` });
    }
  }
  const path = options.out
    ? resolve(options.out)
    : join(root, '.mainstem/contact-sheets', `${definition.name}.jpg`);
  const data = [definition.data, definition.outOfDistribution].flatMap((one) => one?.path ?? []);
  if (options.out) await assertOutput(root, { path, data, worthKeeping });
  const sheet = (await buildSheet(groups, options.count)).withExif({ IFD0: { Software: mark } });
  const bytes = extname(path) === '.png' ? sheet.png() : sheet.jpeg({ quality: 88 });
  await writeFileAtomic(path, await bytes.toBuffer());
  return { path, groups: groups.map(({ title, paths }) => ({ title, files: paths.length })) };
}

/** Written into every sheet, so that the next one may take its place. */
const mark = 'Mainstem contact sheet';

async function worthKeeping(content: Buffer): Promise<string | null> {
  const found = await sharp(content)
    .metadata()
    .catch(() => null);
  return found?.exif?.includes(mark) ? null : 'it is there already, and is not a contact sheet';
}

/** Photos by the folder that they lie in; the project's classes first, in their order. */
async function findGroups(
  root: string,
  { path }: DatasetDefinition,
  classes: readonly string[] = [],
): Promise<Group[]> {
  const folder = join(root, path);
  if (!(await exists(folder))) return [];
  const found = new Map<string, string[]>(classes.map((name) => [name, []]));
  for (const file of await listFiles(folder)) {
    const title = file.split('/').at(-2);
    if (title === undefined || !hasImageName(file)) continue;
    const paths = found.get(title) ?? [];
    paths.push(join(folder, file));
    found.set(title, paths);
  }
  return [...found].flatMap(([title, paths]) => (paths.length > 0 ? [{ title, paths }] : []));
}

async function buildSheet(groups: readonly Group[], count: number): Promise<Sharp> {
  const overlays: OverlayOptions[] = [];
  const width = columns * (tileWidth + gap) + gap;
  let top = gap;
  for (const { title, paths } of groups) {
    overlays.push({ ...(await heading(`${title} (${paths.length})`)), left: gap, top: top + 6 });
    const shown = evenly(paths, count);
    for (const [index, path] of shown.entries()) {
      const left = gap + (index % columns) * (tileWidth + gap);
      const row = top + headingHeight + Math.floor(index / columns) * (tileHeight + gap);
      overlays.push({ input: await tile(path), left, top: row });
    }
    top += headingHeight + Math.ceil(shown.length / columns) * (tileHeight + gap);
  }
  const canvas = { width, height: top, channels: 3, background: '#fafaf7' } as const;
  return sharp({ create: canvas, limitInputPixels: false }).composite(overlays);
}

async function heading(text: string): Promise<OverlayOptions> {
  const { pixels, width, height } = drawText(text, headingScale);
  return { input: Buffer.from(pixels), raw: { width, height, channels: 3 } };
}

/** A photo as a tile; one that cannot be read shows as a red square. */
async function tile(path: string): Promise<Buffer> {
  const size = { width: tileWidth, height: tileHeight } as const;
  try {
    return await sharp(await readFile(path))
      .rotate()
      .resize({ ...size, fit: 'cover' })
      .png()
      .toBuffer();
  } catch {
    return sharp({ create: { ...size, channels: 3, background: '#c03030' } })
      .png()
      .toBuffer();
  }
}
