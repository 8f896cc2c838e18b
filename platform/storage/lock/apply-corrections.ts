import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path/posix';
import { assertCommas } from '../../lib/assert-commas.ts';
import { type CellChange, changeCells } from '../../lib/change-cells.ts';
import { parseCsv } from '../../lib/csv.ts';
import { MainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { ownValue } from '../../lib/own-value.ts';
import { parseTable } from '../../lib/parse-table.ts';
import { readBytes } from '../../lib/read-text.ts';
import { shorten } from '../../lib/text.ts';
import type { Project, SplitDefinition } from '../../schemas/define/index.ts';
import { metadataFile, type Workspace } from '../../schemas/index.ts';
import { withDataTurn } from './data-turn.ts';
import { digestRows } from './digest-rows.ts';
import { hashDataset } from './hash-dataset.ts';
import { createDigestText, digestLength } from './row-identity.ts';

/** A label that a person has corrected. */
interface Correction {
  readonly id: string;
  readonly digest: string;
  readonly corrected: string;
}

/** What corrections did. */
export interface AppliedCorrections {
  /** Examples whose label changed, by their names. */
  readonly changed: readonly string[];
  /** Examples that the data does not have any more. */
  readonly missing: readonly string[];
  /** Examples that have the corrected label already. */
  readonly left: readonly string[];
}

/**
 * Gives examples of a project's data the labels of a corrections file (columns `digest` and `corrected`, others for people):
 * photos move to the folder of their class, under a free name where another photo has theirs there; cells of a table change.
 * Lines without a corrected label change nothing. Examples are found by their content.
 *
 * @throws MainstemError DATA_INVALID, FILE_UNREADABLE
 */
export async function applyCorrections(
  workspace: Workspace,
  project: Project,
  file: string,
): Promise<AppliedCorrections> {
  const { data, classes, table, split } = project.definition;
  const corrections = await readCorrections(file, classes ?? null);
  return withDataTurn(workspace, data.path, () =>
    table
      ? correctTable(join(workspace.root, data.path), { label: table.label, split }, corrections)
      : correctPhotos(workspace, data.path, corrections),
  );
}

async function readCorrections(
  file: string,
  classes: readonly string[] | null,
): Promise<Correction[]> {
  const content = await readBytes(file);
  assertCommas(content, file);
  const { columns, rows } = parseCsv(content, file);
  for (const column of ['digest', 'corrected']) {
    if (columns.includes(column)) continue;
    throw new MainstemError('DATA_INVALID', {
      path: file,
      reason: `there is no column "${column}"`,
    });
  }
  const filled = rows.filter(({ corrected = '' }) => corrected !== '');
  const corrections = filled.map(({ id = '', digest = '', corrected = '' }) => {
    if (classes && !classes.includes(corrected)) {
      const reason = `"${corrected}" (${id || digest}) is not one of the classes ${classes.join(', ')}`;
      throw new MainstemError('DATA_INVALID', { path: file, reason });
    }
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
      const reason = `${JSON.stringify(shorten(digest))} is no digest: a report writes sha256: and 64 digits`;
      throw new MainstemError('DATA_INVALID', { path: file, reason });
    }
    return { id: id || digest, digest, corrected };
  });
  return unite(corrections, file);
}

/** Each example once. @throws MainstemError DATA_INVALID if two lines want different labels for the same example */
function unite(corrections: readonly Correction[], file: string): Correction[] {
  return [...Map.groupBy(corrections, ({ digest }) => digest).values()].flatMap((lines) => {
    const [first] = lines;
    const other = lines.find(({ corrected }) => corrected !== first?.corrected);
    if (!first || !other) return first ?? [];
    const wanted = `"${first.corrected}" (${first.id}) and "${other.corrected}" (${other.id})`;
    const reason = `two lines correct the same example, to ${wanted}: leave one of them`;
    throw new MainstemError('DATA_INVALID', { path: file, reason });
  });
}

async function correctTable(
  path: string,
  { label, split }: { readonly label: string; readonly split: SplitDefinition },
  corrections: readonly Correction[],
): Promise<AppliedCorrections> {
  const content = await readBytes(path);
  const { rows } = parseCsv(content, path);
  const digests = digestRows(parseTable(content, path), split.equalRows);
  const digestText = createDigestText();
  const places = Map.groupBy(rows.keys(), (row): string => digestText(digests, row * digestLength));
  const isThere = ({ digest }: Correction) => places.has(digest);
  const isNew = ({ digest, corrected }: Correction) =>
    (places.get(digest) ?? []).some((row) => ownValue(rows[row], label) !== corrected);
  const present = corrections.filter(isThere);
  const changes = present
    .filter(isNew)
    .flatMap(({ digest, corrected }): CellChange[] =>
      (places.get(digest) ?? []).map((row) => ({ row, column: label, cell: corrected })),
    );
  if (changes.length > 0) await writeFileAtomic(path, changeCells(content.toString(), changes));
  return {
    changed: present.filter(isNew).map(({ id }) => id),
    missing: corrections.filter((one) => !isThere(one)).map(({ id }) => id),
    left: present.filter((one) => !isNew(one)).map(({ id }) => id),
  };
}

async function correctPhotos(
  workspace: Workspace,
  path: string,
  corrections: readonly Correction[],
): Promise<AppliedCorrections> {
  const working = await hashDataset(workspace, path);
  const paths = Map.groupBy(working?.entries() ?? [], ({ digest }) => String(digest));
  const folder = join(workspace.root, path);
  const isThere = ({ digest }: Correction) => paths.has(digest);
  const changed: string[] = [];
  const moves = new Map<string, string>();
  for (const { id, digest, corrected } of corrections) {
    for (const { path: from } of paths.get(digest) ?? []) {
      const classFolder = join(dirname(dirname(from)), corrected);
      if (classFolder === dirname(from)) continue;
      const to = freePath(folder, join(classFolder, basename(from)));
      await makeFolder(dirname(join(folder, to)));
      await rename(join(folder, from), join(folder, to));
      moves.set(from, to);
      changed.push(id);
    }
  }
  await renameInMetadata(join(folder, metadataFile), moves);
  return {
    changed,
    missing: corrections.filter((one) => !isThere(one)).map(({ id }) => id),
    left: corrections.flatMap((one) => (isThere(one) && !changed.includes(one.id) ? [one.id] : [])),
  };
}

/**
 * The first path at which there is nothing yet: cameras number the photos of every class alike.
 *
 * @example freePath(folder, 'good/img_1.jpg') // 'good/img_1-2.jpg' where there is a good/img_1.jpg
 */
function freePath(folder: string, path: string): string {
  const stem = path.slice(0, path.length - extname(path).length);
  let free = path;
  for (let count = 2; existsSync(join(folder, free)); count++)
    free = `${stem}-${count}${extname(path)}`;
  return free;
}

/** The metadata of a photo follow it. */
async function renameInMetadata(path: string, moves: ReadonlyMap<string, string>): Promise<void> {
  if (moves.size === 0 || !existsSync(path)) return;
  const content = await readBytes(path);
  const changes = parseCsv(content, path).rows.flatMap(({ file = '' }, row): CellChange[] => {
    const cell = moves.get(file);
    return cell === undefined ? [] : [{ row, column: 'file', cell }];
  });
  if (changes.length > 0) await writeFileAtomic(path, changeCells(content.toString(), changes));
}
