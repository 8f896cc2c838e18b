import { lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFile } from '../../platform/lib/read-text.ts';
import { appendLines } from '../feedback/journal.ts';
import { mostBytesOnDisk, type Room, takenBy } from '../feedback/space.ts';
import { createTrustedClock, timeShownBy } from './trusted-clock.ts';

/**
 * Lines of JSON in files `<folder>/<model>/<day>-<n>.jsonl` of bounded size: segments. The oldest go first, when there would
 * be too many bytes and when they are too old. One process writes to a folder at a time, one batch after another.
 */
export interface Segments {
  /** Bytes that the segments take on the disk; 0 until the folder was read first. */
  readonly storedBytes: number;
  /** Most bytes of a line, its end included. */
  readonly longest: number;
  /** Appends lines and waits until the disk has them. What cannot be written leaves no trace. @throws NodeJS.ErrnoException */
  append(model: string, lines: readonly string[], now: Date): Promise<void>;
  /**
   * Removes segments that are too old. By a clock that is ahead of what the segments and this process show, nothing is
   * removed until it has been ahead for a day.
   *
   * @throws NodeJS.ErrnoException
   */
  expire(now: Date): Promise<void>;
  /**
   * The newest line that begins with `start`, among as many bytes of a model's segments as one search may read.
   *
   * @param time in milliseconds, if it is known when the line was appended: then only the days around it are searched
   * @throws NodeJS.ErrnoException
   */
  findLast(model: string, start: string, time?: number | null): Promise<string | null>;
}

/** What segments may take. */
export interface SegmentLimits {
  /** Bytes of all segments on the disk, in whole blocks. */
  readonly bytes: number;
  /** Days after the one of its lines that a segment is kept. */
  readonly days: number;
  /** What the disk must have left after a batch. @default 256 MiB and 10,000 files */
  readonly kept?: Room;
  /** Milliseconds that the process has run. @default performance.now */
  readonly monotonic?: () => number;
}

interface Segment {
  readonly path: string;
  readonly model: string;
  /** UTC, as `2026-11-26`. */
  readonly day: string;
  readonly number: number;
  size: number;
  taken: number;
  changedMs: number;
}

const mebibyte = 1024 ** 2;
const largest = 8 * mebibyte;
/** Most bytes that one search reads. */
const searched = 64 * mebibyte;
const dayMs = 86_400_000;
const defaultKept: Room = { bytes: 256 * mebibyte, files: 10_000 };

/**
 * Opens the segments of a folder, which need not exist yet. It is first read when it is first needed, and again after an error:
 * a disk that is not there yet does no harm.
 *
 * @example openSegments('.mainstem/predictions', { bytes: 1024 ** 3, days: 30 }).storedBytes // 0
 */
export function openSegments(folder: string, limits: SegmentLimits): Segments {
  const most = Math.min(largest, Math.floor(limits.bytes / 4));
  const shelf = createShelf(folder);
  const believe = createTrustedClock(limits.monotonic);

  const expire = async (now: Date) => {
    const days = () => shelf.all().map(({ day }) => day);
    const believed = believe(now.getTime(), () => timeShownBy(days()));
    const oldest = dayOf(believed - limits.days * dayMs);
    for (const segment of shelf.all().filter(({ day }) => day < oldest))
      await shelf.remove(segment);
  };

  const append = async (model: string, lines: readonly string[], now: Date) => {
    await expire(now);
    const day = dayOf(now.getTime());
    for (let from = 0; from < lines.length; ) {
      const last = newestOf(shelf.all(), model, day);
      const fits = last !== undefined && last.size + sizeOf(lines[from]) <= most;
      const target = fits ? last : nextSegment(folder, { model, day, last });
      const { to, bytes } = fitting(lines, from, most - target.size);
      await makeRoom(shelf, target, bytes, limits.bytes);
      const added = lines.slice(from, to);
      Object.assign(target, await appendLines(target.path, added, limits.kept ?? defaultKept));
      shelf.add(target);
      from = to;
    }
  };

  return {
    get storedBytes() {
      return shelf.storedBytes;
    },
    longest: Math.floor(most / 2),
    expire: (now) => shelf.forgetOnError(() => expire(now)),
    append: (model, lines, now) => shelf.forgetOnError(() => append(model, lines, now)),
    findLast: (model, start, time = null) => {
      const own = shelf.all().filter((segment) => segment.model === model);
      return findLast(time === null ? own.toReversed() : likeliest(own, time), start);
    },
  };
}

/** The segments that are in a folder. */
interface Shelf {
  /** Bytes that they take on the disk; 0 until they were read first. */
  readonly storedBytes: number;
  /** Oldest first. They are read when they are first asked for. */
  all(): readonly Segment[];
  /** Takes in one that was written to. */
  add(segment: Segment): void;
  remove(segment: Segment): Promise<void>;
  /** What is on the disk after an error is seen when it is read again. */
  forgetOnError(work: () => Promise<void>): Promise<void>;
}

function createShelf(folder: string): Shelf {
  let found: Segment[] | undefined;
  const all = () => {
    found ??= readSegments(folder);
    return found;
  };
  return {
    get storedBytes() {
      return (found ?? []).reduce((sum, { taken }) => sum + taken, 0);
    },
    all,
    add(segment) {
      if (!all().includes(segment)) all().push(segment);
    },
    async remove(segment) {
      await rm(segment.path, { force: true });
      const place = all().indexOf(segment);
      if (place !== -1) all().splice(place, 1);
    },
    forgetOnError: (work) =>
      work().catch((error: unknown) => {
        found = undefined;
        throw error;
      }),
  };
}

function newestOf(segments: readonly Segment[], model: string, day: string): Segment | undefined {
  const [last] = segments
    .filter((segment) => segment.model === model && segment.day === day)
    .sort((a, b) => b.number - a.number);
  return last;
}

function nextSegment(
  folder: string,
  { model, day, last }: Pick<Segment, 'model' | 'day'> & { readonly last: Segment | undefined },
): Segment {
  const number = (last?.number ?? 0) + 1;
  const path = join(folder, model, `${day}-${number}.jsonl`);
  return { path, model, day, number, size: 0, taken: 0, changedMs: 0 };
}

/** Removes the oldest segments until so many more bytes in one of them take no more than `most` on the disk. */
async function makeRoom(shelf: Shelf, target: Segment, bytes: number, most: number): Promise<void> {
  const added = Math.max(0, mostBytesOnDisk(target.size + bytes) - target.taken);
  while (shelf.storedBytes + added > most) {
    const oldest = shelf.all().find((segment) => segment !== target);
    if (!oldest) return;
    await shelf.remove(oldest);
  }
}

/** The UTC day of a time. @example dayOf(0) // '1970-01-01' */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** A line feed after it, and one before it where the last line is torn. */
const sizeOf = (line = '') => Buffer.byteLength(line) + 2;

/** How many lines from one on fit, at least that one. */
function fitting(lines: readonly string[], from: number, room: number) {
  let bytes = sizeOf(lines[from]);
  let to = from + 1;
  for (; to < lines.length && bytes + sizeOf(lines[to]) <= room; to++) bytes += sizeOf(lines[to]);
  return { to, bytes };
}

function readSegments(folder: string): Segment[] {
  const models = readdirOf(folder).filter((entry) => entry.isDirectory());
  const segments = models.flatMap(({ name: model }) =>
    readdirOf(join(folder, model)).flatMap((entry) => {
      const [, day, number] = /^(\d{4}-\d\d-\d\d)-(\d{1,9})\.jsonl$/.exec(entry.name) ?? [];
      if (!entry.isFile() || !day) return [];
      const path = join(folder, model, entry.name);
      const stats = lstatSync(path);
      const { size, mtimeMs: changedMs } = stats;
      return [{ path, model, day, number: Number(number), size, taken: takenBy(stats), changedMs }];
    }),
  );
  return segments.sort(
    (a, b) => a.day.localeCompare(b.day) || a.changedMs - b.changedMs || a.number - b.number,
  );
}

/** Where the line of a time may be, first the segments that were still written to at that time: clocks may differ by a minute. */
function likeliest(segments: readonly Segment[], time: number): Segment[] {
  const days = [time - dayMs, time, time + dayMs].map(dayOf);
  const near = segments.filter(({ day }) => days.includes(day));
  const since = near.filter(({ changedMs }) => changedMs >= time - 60_000);
  return [...since, ...near.filter((segment) => !since.includes(segment)).toReversed()];
}

function readdirOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** @param segments in the order in which they are searched */
async function findLast(segments: readonly Segment[], start: string): Promise<string | null> {
  let left = searched;
  for (const { path, size } of segments) {
    left -= size;
    if (left < 0) return null;
    const line = findLine(await readSegment(path), start);
    if (line !== null) return line;
  }
  return null;
}

/** Empty if somebody has deleted it. */
async function readSegment(path: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}

/** The last whole line that begins with `start`. */
function findLine(text: Buffer, start: string): string | null {
  const wanted = Buffer.from(start);
  for (let at = text.lastIndexOf(wanted); at !== -1; at = text.lastIndexOf(wanted, at - 1)) {
    const end = text.indexOf('\n', at);
    if (end !== -1 && (at === 0 || text[at - 1] === 0x0a)) return text.toString('utf8', at, end);
    if (at === 0) return null;
  }
  return null;
}
