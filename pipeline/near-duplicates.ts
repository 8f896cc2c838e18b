import { areaUnderRoc } from '../platform/lib/area-under-roc.ts';
import { MainstemError } from '../platform/lib/errors.ts';
import { evenly } from '../platform/lib/evenly.ts';
import type { Digest } from '../platform/lib/hash.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import type {
  ModelRecord,
  NearDuplicates,
  NearPair,
  PreparedRow,
} from '../platform/schemas/index.ts';
import { alterPhoto, decodeImage } from '../platform/transforms/index.ts';
import { featuresOf } from './backbones/index.ts';
import type { ProjectContext } from './context.ts';
import {
  countPoints,
  findNearest,
  type OpenSpace,
  openSpace,
  type PreparedReader,
  picturePoints,
  type Space,
  squaredDistance,
  withUnitLength,
} from './embeddings/index.ts';
import { materialsOf } from './materials.ts';

/** Photos that are compared with one another: some seconds of work. */
const mostExamined = 6000;
/** Photos of which copies are made, and pairs that are shown. */
const [tried, mostShown] = [24, 24];
const fewestExamined = 20;
/** Copies have to be nearer than other photos at least so often, or distances say nothing. */
const leastNearer = 0.95;
/** Which of the other photos a copy is held against: nearer ones may be duplicates themselves. */
const beyond = 5;
/** The share of copies that have to be found. */
const foundShare = 0.9;

/**
 * Finds photos that are nearly the same, within and across splits, by the features of the backbone or else by small pixels.
 * Before, copies of some photos are made on purpose: where these are not nearer to their photo than other photos are, it cannot
 * be told. Photos with the same bytes are left to the checks, those of one group belong together.
 *
 * @param reader shared with others who read the same examples @param champion what serves: photos that its data had not are added ones
 * @returns null for tables, for few photos, or where the store lacks them
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID, BACKBONE_UNSUPPORTED
 */
export async function findNearDuplicates(
  context: ProjectContext,
  reader: PreparedReader,
  candidate: ModelRecord,
  champion: ModelRecord | null,
): Promise<NearDuplicates | null> {
  const { project } = context;
  if (project.definition.task !== 'image-classification') return null;
  const open = await openSpace(reader, candidate, ['features', 'pixels']);
  if (!open || open.rows.length < fewestExamined) return null;
  const places = evenly([...open.rows.keys()], mostExamined);
  const space = await open.read(places);
  const rows = places.flatMap((place) => open.rows[place] ?? []);
  const trial = await tryCopies(context, candidate, { space, rows });
  if (!trial) return null;
  const { group } = project.definition.split;
  const found = trial.informs ? findPairs(space, rows, trial.within, group) : [];
  const known = champion && (await digestsOf(reader, champion));
  const pairs = found.map((pair) => markAdded(pair, known));
  const { within, ...tries } = trial;
  return {
    ...{ space: open.kind === 'features' ? 'features' : 'pixels', trial: tries, within },
    ...{ examined: places.length, of: open.rows.length, pairs: pairs.length },
    across: pairs.filter(isAcross).length,
    labels: pairs.filter(({ first, second }) => first.label !== second.label).length,
    added: pairs.filter(({ added }) => added).length,
    shown: pairs
      .toSorted((a, b) => Number(isAcross(b)) - Number(isAcross(a)) || a.distance - b.distance)
      .slice(0, mostShown),
  };
}

interface Examined {
  readonly space: Space;
  readonly rows: OpenSpace['rows'];
}

type Trial = NearDuplicates['trial'] & { readonly within: number };

/** Whether copies of some photos are nearer to them than other photos. */
async function tryCopies(
  context: ProjectContext,
  candidate: ModelRecord,
  { space, rows }: Examined,
): Promise<Trial | null> {
  const chosen = evenly([...rows.keys()], tried);
  const copies = await copiesOf(context, candidate, chosen, rows);
  if (copies.pictures.length === 0) return null;
  const points = await pointsOf(context, candidate, copies.pictures, space.kind);
  const all = joinSpaces(space, points);
  const own = copies.of.map((at, copy) =>
    Math.sqrt(squaredDistance(all, at, countPoints(space) + copy)),
  );
  const everybody = rows.map((_, at) => at);
  const others = [...new Set(copies.of)].map((at) => {
    const strangers = everybody.filter((other) => rows[other]?.digest !== rows[at]?.digest);
    return findNearest(space, at, strangers, beyond).at(-1)?.distance ?? 0;
  });
  const sorted = own.toSorted((a, b) => a - b);
  const within = sorted[Math.ceil(sorted.length * foundShare) - 1] ?? 0;
  const nearer = areaUnderRoc(others, own) ?? 0;
  const found = own.filter((distance) => distance <= within).length / own.length;
  return { copies: own.length, found, nearer, informs: nearer >= leastNearer, within };
}

interface Copies {
  /** Decoded, as the stage "prepare" leaves them. */
  readonly pictures: Uint8Array[];
  /** Whose copy each is. */
  readonly of: number[];
}

async function copiesOf(
  { store }: ProjectContext,
  { preprocessing }: ModelRecord,
  chosen: readonly number[],
  rows: OpenSpace['rows'],
): Promise<Copies> {
  const copies: Copies = { pictures: [], of: [] };
  if (preprocessing.kind !== 'image') return copies;
  for (const at of chosen) {
    const digest = rows[at]?.digest;
    const altered = digest === undefined ? [] : await alter(store, digest);
    for (const copy of altered) {
      copies.pictures.push(await decodeImage(copy, preprocessing.size));
      copies.of.push(at);
    }
  }
  return copies;
}

/** None where the store lacks the photo. */
async function alter(store: ProjectContext['store'], digest: Digest): Promise<Uint8Array[]> {
  try {
    return await alterPhoto(await store.get(digest));
  } catch (error) {
    if (error instanceof MainstemError) return [];
    throw error;
  }
}

async function pointsOf(
  { store, project, lock }: ProjectContext,
  { preprocessing, training }: ModelRecord,
  pictures: readonly Uint8Array[],
  kind: Space['kind'],
): Promise<Space> {
  if (preprocessing.kind !== 'image') throw new TypeError('only photos have copies');
  if (kind === 'pixels') return picturePoints(pictures, preprocessing.size);
  const { backbone } = materialsOf(project, lock, training.backend);
  if (!backbone) throw new TypeError('features come from a backbone');
  const points = await featuresOf(store, backbone, preprocessing, pictures);
  return withUnitLength({ kind, width: points.length / pictures.length, points });
}

function joinSpaces(first: Space, second: Space): Space {
  const points = new Float32Array(first.points.length + second.points.length);
  points.set(first.points);
  points.set(second.points, first.points.length);
  return { ...first, points };
}

function findPairs(
  space: Space,
  rows: OpenSpace['rows'],
  within: number,
  group: string | undefined,
): NearPair[] {
  const pairs: NearPair[] = [];
  const most = within * within;
  const groups = rows.map(({ metadata }) => (group === undefined ? '' : ownValue(metadata, group)));
  for (const [at, first] of rows.entries()) {
    for (let other = at + 1; other < rows.length; other++) {
      const distance = squaredDistance(space, at, other, most);
      const second = rows[other];
      if (distance > most || !second || first.digest === second.digest) continue;
      if (groups[at] && groups[at] === groups[other]) continue;
      pairs.push({ first: shownOf(first), second: shownOf(second), distance: Math.sqrt(distance) });
    }
  }
  return pairs;
}

function shownOf({ id, digest, label, split }: PreparedRow): NearPair['first'] {
  return { id, digest, label, split };
}

function isAcross({ first, second }: NearPair): boolean {
  return first.split !== second.split;
}

/** The photos of a model's data. */
async function digestsOf(
  reader: PreparedReader,
  { prepared }: ModelRecord,
): Promise<ReadonlySet<Digest> | null> {
  if (!(await reader.store.has(prepared.index.digest))) return null;
  return new Set((await reader.index(prepared)).rows.map(({ digest }) => digest));
}

function markAdded(pair: NearPair, known: ReadonlySet<Digest> | null): NearPair {
  if (!known) return pair;
  return { ...pair, added: !known.has(pair.first.digest) || !known.has(pair.second.digest) };
}
