import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { dictionary } from '../../platform/lib/dictionary.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { writeFileAtomic } from '../../platform/lib/files.ts';
import { type Digest, hexOf } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { parseIntact } from '../../platform/lib/parse-intact.ts';
import type { Row } from '../schemas.ts';
import { createDiskTurn } from './disk-turn.ts';
import { type Journal, openJournal } from './journal.ts';
import {
  bytesOnDisk,
  measureFolder,
  measureRoom,
  mostBytesOnDisk,
  type Room,
  takenBy,
  type Usage,
} from './space.ts';

/** A person's correction of an answer. */
export interface Feedback {
  readonly model: string;
  readonly version: string;
  readonly digest: Digest;
  /** The class according to the person. */
  readonly label: string;
  /** The class according to the model. */
  readonly predicted: string;
  /** Whether the model accepted the input. */
  readonly accepted: boolean;
  /** Time of the correction, ISO 8601 in UTC. */
  readonly at: string;
  /** Of the answer, where the correction names one, … */
  readonly id?: string;
  /** … and the position of the input. */
  readonly index?: number;
  /** What the sender said of the example, by the slices of the model; each value has 200 characters at most. */
  readonly slices?: Readonly<Record<string, string>>;
}

/** The corrected example: the photo without its metadata, the row, or, for an answer that was named, only its digest. */
export type FeedbackContent =
  | { readonly kind: 'photo'; readonly bytes: Uint8Array; readonly extension: PhotoExtension }
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'digest' };

/** The file extension of a kept photo. */
export type PhotoExtension = (typeof photoExtensions)[number];
const photoExtensions = ['jpg', 'png', 'webp'] as const;

/**
 * Keeps corrected examples so that `ingest-feedback` can take them over. A photo is `<folder>/<model>/<label>/<digest>.jpg`,
 * named by the digest of what was sent:
 * `<folder>/<model>` is an image folder as a dataset wants it. Every correction is also one line of JSON in
 * `<folder>/<model>/<day>.jsonl`, which holds the row itself for a table. Of several labels for one thing the last counts:
 * its line is the last one, and the photo lies with that label only.
 */
export interface FeedbackStore {
  /** Bytes that the folder may take on the disk; 0 if feedback is turned off. */
  readonly limit: number;
  /** Bytes that the folder takes on the disk: files take whole blocks there. */
  readonly storedBytes: number;
  /** Files and folders that it holds. */
  readonly storedFiles: number;
  /** Counts the space again, unless that was done within the last minute: what is moved away while the server runs is free. */
  recount(): Promise<void>;
  /**
   * Refuses, before a request is read, a correction that could not be stored.
   *
   * @throws MainstemError FEEDBACK_OFF, FEEDBACK_FULL, FEEDBACK_DAILY_LIMIT, FEEDBACK_UNWRITABLE
   */
  assertOpen(model: string, at: string): Promise<void>;
  /**
   * Stores a correction, unless the last one of the same photo, or of the same row on the same day, has the same label and says all
   * that this one says by slice.
   *
   * @param feedback its model and label must be known names: they become folders.
   * @returns whether it is new.
   * @throws MainstemError FEEDBACK_OFF, FEEDBACK_FULL, FEEDBACK_DISK_FULL, FEEDBACK_DAILY_LIMIT, FEEDBACK_UNWRITABLE
   */
  put(feedback: Feedback, content: FeedbackContent): Promise<boolean>;
}

/** What feedback may take. */
export interface FeedbackLimits {
  /** Bytes on the disk, with whole blocks for files; 0 turns feedback off. */
  readonly bytes: number;
  /** Corrections of one model that are stored on one day (UTC). */
  readonly daily: number;
  /** What the disk must have left after a correction. @default 256 MiB and 10,000 files */
  readonly kept?: Room;
  /** Milliseconds that a correction may wait for the disk, its turn included. @default 10 seconds */
  readonly patienceMs?: number;
  /** Milliseconds that pass at the least before the space is counted again because it is full. @default 5 seconds */
  readonly recountMs?: number;
}

/** Between two counts of a space: each looks at every file. */
const pauseMs = 60_000;
const fullPauseMs = 5000;
const defaultKept: Room = { bytes: 256 * 1024 ** 2, files: 10_000 };

/**
 * Opens the feedback folder, which need not exist yet. One process writes to a folder at a time.
 *
 * @throws NodeJS.ErrnoException if the folder cannot be read
 * @example (await openFeedback('.mainstem/feedback', { bytes: 1024 ** 3, daily: 1000 })).storedBytes // 0
 */
export async function openFeedback(folder: string, limits: FeedbackLimits): Promise<FeedbackStore> {
  const used = limits.bytes === 0 ? { bytes: 0, files: 0 } : { ...(await measureFolder(folder)) };
  const { openDay, forget } = createDays(folder);
  // One at a time: otherwise equal corrections sent at once would each find that they are the first.
  const inTurn = createDiskTurn(limits.patienceMs);

  let counted = Number.NEGATIVE_INFINITY;
  /** @returns whether the space was counted again */
  const recount = async (pauseMs: number): Promise<boolean> => {
    if (limits.bytes === 0 || performance.now() - counted < pauseMs) return false;
    counted = performance.now();
    Object.assign(used, await measureFolder(folder));
    // Their journals may be elsewhere, too.
    forget();
    return true;
  };
  /** Does what the space may be full for; if it is, once more when somebody has made room. */
  const withRoom = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const isFull = isMainstemError(error, 'FEEDBACK_FULL');
      if (!isFull || !(await recount(limits.recountMs ?? fullPauseMs))) throw error;
      return await work();
    }
  };

  const assertOpen = async (model: string, at: string, bytes: number): Promise<Day> => {
    if (limits.bytes === 0) throw new MainstemError('FEEDBACK_OFF', {});
    const day = await openDay(model, at);
    const { daily } = limits;
    if (day.journal.lines >= daily)
      throw new MainstemError('FEEDBACK_DAILY_LIMIT', { model, daily });
    const full = used.bytes + bytes > limits.bytes;
    if (full) throw new MainstemError('FEEDBACK_FULL', { limit: limits.bytes });
    return day;
  };

  const store = async (feedback: Feedback, sent: FeedbackContent): Promise<boolean> => {
    const content = sent.kind === 'digest' ? findKept(folder, feedback) : sent;
    const { journal, known } = await openDay(feedback.model, feedback.at);
    const { place, there, elsewhere } = findPhoto(folder, feedback, content);
    const latest = known.get(feedback.digest);
    const same = latest ? saysAll(latest, feedback) : there && !feedback.slices;
    if (same && elsewhere.length === 0) return false;
    const photo = there ? undefined : place;
    const line = lineOf(feedback, content);
    const added = addedUsage(journal, line, photo);
    await assertOpen(feedback.model, feedback.at, added.bytes);
    await assertDisk(folder, added, limits.kept ?? defaultKept);
    const taken = journal.taken;
    await write(journal, line, photo);
    note(known, feedback);
    used.bytes += journal.taken - taken + bytesOnDisk(photo?.bytes.length ?? 0);
    used.files += added.files;
    for (const path of elsewhere) await removeFile(path, used);
    return true;
  };

  return {
    limit: limits.bytes,
    get storedBytes() {
      return used.bytes;
    },
    get storedFiles() {
      return used.files;
    },
    assertOpen: (model, at) =>
      inTurn(async () => {
        await withRoom(() => assertOpen(model, at, 1));
      }),
    put: (feedback, content) => inTurn(() => withRoom(() => store(feedback, content))),
    recount: () =>
      inTurn(async () => {
        await recount(pauseMs);
      }),
  };
}

/** The corrections of one model on one day. */
interface Day {
  readonly name: string;
  readonly journal: Journal;
  /** Digest → what was said of it. */
  readonly known: Map<string, Said>;
}

/** The last label of an example, and the last value of each slice, which corrections may say one by one. */
interface Said {
  readonly label: string;
  readonly slices: Readonly<Record<string, string>>;
}

/** Opens the current day of each model, and lets go of the day before. */
function createDays(folder: string) {
  const days = new Map<string, Day>();
  const openDay = async (model: string, at: string): Promise<Day> => {
    const name = at.slice(0, 10);
    const open = days.get(model);
    if (open?.name === name) return open;
    const known = new Map<string, Said>();
    const path = join(folder, model, `${name}.jsonl`);
    const journal = await openJournal(path, (line) => noteLine(known, line));
    const day = { name, journal, known };
    days.set(model, day);
    return day;
  };
  return { openDay, forget: () => days.clear() };
}

/** Whether nothing would be new. */
function saysAll(said: Said, { label, slices = {} }: Omit<Feedback, 'model'>): boolean {
  return (
    said.label === label &&
    Object.entries(slices).every(([name, value]) => ownValue(said.slices, name) === value)
  );
}

function note(known: Map<string, Said>, line: Static<typeof Line>): void {
  const { digest, label, slices } = line;
  known.set(digest, { label, slices: { ...known.get(digest)?.slices, ...slices } });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

const Line = Type.Object({
  ...{ digest: Type.String(), label: Type.String() },
  slices: Type.Optional(dictionary(Type.String())),
});

/** A line that is not one of ours counts towards the limit of the day, and corrects nothing. */
function noteLine(known: Map<string, Said>, line: string): void {
  const said = parseIntact(line, Line, 'a line of feedback');
  if (said) note(known, said);
}

function lineOf(feedback: Feedback, content: FeedbackContent): string {
  return canonicalJson(content.kind === 'row' ? { ...feedback, row: content.row } : feedback);
}

async function removeFile(path: string, used: { bytes: number; files: number }): Promise<void> {
  used.bytes -= takenBy(lstatSync(path));
  used.files -= 1;
  await rm(path);
}

/** The file of a corrected photo, whether it is there already, and its files with other labels. */
function findPhoto(folder: string, feedback: Feedback, content: FeedbackContent) {
  const place = photoFile(folder, feedback, content);
  const elsewhere = place ? findOthers(join(folder, feedback.model), place.path) : [];
  return { place, elsewhere, there: isFile(place?.path ?? '') };
}

interface PhotoFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

function photoFile(
  folder: string,
  { model, label, digest }: Feedback,
  content: FeedbackContent,
): PhotoFile | undefined {
  if (content.kind !== 'photo') return undefined;
  const name = `${hexOf(digest)}.${content.extension}`;
  return { path: join(folder, model, folderOf(label), name), bytes: content.bytes };
}

/** A photo with this digest that came with an earlier correction moves to its new label. */
function findKept(folder: string, { model, digest }: Feedback): FeedbackContent {
  const [path] = photoExtensions.flatMap((extension) =>
    findOthers(join(folder, model), `${hexOf(digest)}.${extension}`),
  );
  const extension = photoExtensions.find((one) => path && extname(path) === `.${one}`);
  if (!path || !extension || !isFile(path)) return { kind: 'digest' };
  return { kind: 'photo', bytes: readFileSync(path), extension };
}

/** The files of a photo that earlier corrections gave other labels. */
function findOthers(folder: string, path: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name, basename(path)))
    .filter((other) => other !== path && existsSync(other));
}

/** Classes of photos are names of folders; this is for a record that was not made from folders. */
function folderOf(label: string): string {
  return label.replaceAll(/^\.+|[/\\\p{Cc}]/gu, '_');
}

/** The most that a correction adds: a journal that becomes fragmented takes one block more than its size says. */
function addedUsage(journal: Journal, line: string, photo: PhotoFile | undefined): Usage {
  const size = journal.size + journal.sizeOf(line);
  const journalBytes = Math.max(0, mostBytesOnDisk(size) - journal.taken);
  return {
    bytes: journalBytes + bytesOnDisk(photo?.bytes.length ?? 0),
    files: (journal.size === 0 ? 1 : 0) + (photo ? 1 : 0),
  };
}

async function assertDisk(folder: string, added: Usage, kept: Room): Promise<void> {
  await makeFolder(folder);
  const room = await measureRoom(folder);
  const enough = room.bytes - added.bytes >= kept.bytes && room.files - added.files >= kept.files;
  if (!enough) throw new MainstemError('FEEDBACK_DISK_FULL', {});
}

/** The photo first: a line without its photo would say that something is there which is not. */
async function write(journal: Journal, line: string, photo: PhotoFile | undefined): Promise<void> {
  try {
    if (photo) await writeFileAtomic(photo.path, photo.bytes);
    await journal.append(line);
  } catch (cause) {
    if (photo) await rm(photo.path, { force: true });
    if (!isDiskFull(cause)) throw cause;
    throw new MainstemError('FEEDBACK_DISK_FULL', {}, { cause });
  }
}

function isDiskFull(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))
  );
}
