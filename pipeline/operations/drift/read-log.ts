import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { listFiles } from '../../../platform/lib/files.ts';
import { decodeLines } from '../../../platform/lib/json-lines.ts';
import { parseIntact } from '../../../platform/lib/parse-intact.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { LoggedPrediction, type Workspace } from '../../../platform/schemas/index.ts';

/** From when on and until when, in milliseconds since 1970; the end is not part of it. */
export interface Window {
  readonly since: number;
  readonly until: number;
}

/** What a log holds of a window, and what it lacks. */
export interface LogCoverage {
  /** Lines of the window, of any version. */
  readonly lines: number;
  /** Lines that are not as the server writes them: torn by a crash, or changed by somebody. */
  readonly damaged: number;
  /** Files that end within a line: it is still being written, or its server was killed. */
  readonly unfinished: number;
  /** The day (UTC) of the oldest lines that are kept, of any window; null for an empty log. */
  readonly begins: string | null;
  /** Whether the window begins before that: what was answered then is gone, or was never kept. */
  readonly startsEarlier: boolean;
  /** Days (UTC) within the kept ones that have no line: nothing was answered, or it was not kept. */
  readonly emptyDays: readonly string[];
  /** Segments that are gone from between the kept ones. */
  readonly goneSegments: number;
}

const dayMs = 86_400_000;
/** A line is written a second after its answer, and a clock may be set: into the file of the next day, at most. */
const lateMs = dayMs;
const segmentName = /^(\d{4}-\d\d-\d\d)-(\d{1,9})\.jsonl$/;

interface Segment {
  readonly name: string;
  readonly day: string;
  readonly number: number;
}

/**
 * Reads the lines of a server's prediction log in a window, oldest first, one file (8 MiB) in memory at a time.
 *
 * @param folder of one model @param visit called for each line
 * @throws MainstemError PREDICTIONS_MISSING, FILE_UNREADABLE, INTERRUPTED
 */
export async function readPredictionLog(
  { reporter, signal }: Pick<Workspace, 'reporter' | 'signal'>,
  { folder, model, window }: { folder: string; model: string; window: Window },
  visit: (line: LoggedPrediction, at: number) => void,
): Promise<LogCoverage> {
  const segments = await listSegments(folder);
  const wanted = segments.filter(({ day }) => isNear(day, window));
  const counts = { lines: 0, damaged: 0, unfinished: 0 };
  const daysWithLines = new Set<string>();
  const progress = reporter.progress('Reading the prediction log', wanted.length, 'files');
  try {
    for (const [done, { name }] of wanted.entries()) {
      signal.throwIfAborted();
      const bytes = await readSegment(join(folder, name));
      const isTorn = bytes.length > 0 && bytes.at(-1) !== 0x0a;
      if (isTorn) counts.unfinished += 1;
      const whole = isTorn ? bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1) : bytes;
      for (const text of decodeLines(whole)) {
        const line = parseLine(text, model);
        const at = line ? Date.parse(line.at) : Number.NaN;
        if (!line || Number.isNaN(at)) counts.damaged += 1;
        else if (at >= window.since && at < window.until) {
          counts.lines += 1;
          daysWithLines.add(dayOf(at));
          visit(line, at);
        }
      }
      progress.update(done + 1);
    }
  } finally {
    progress.end();
  }
  return { ...counts, ...findGaps(segments, window, daysWithLines) };
}

async function listSegments(folder: string): Promise<Segment[]> {
  const names = await listFiles(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new MainstemError('PREDICTIONS_MISSING', { folder });
  });
  return names
    .flatMap((name) => {
      const [, day, number] = segmentName.exec(name) ?? [];
      return day === undefined ? [] : [{ name, day, number: Number(number) }];
    })
    .sort((a, b) => a.day.localeCompare(b.day) || a.number - b.number);
}

function isNear(day: string, { since, until }: Window): boolean {
  return day >= dayOf(since) && day <= dayOf(until + lateMs);
}

/** Nothing where the server has just removed it: the oldest go first. */
async function readSegment(path: string): Promise<Buffer> {
  return readBytes(path).catch((error: unknown) => {
    if (isMainstemError(error) && error.details.reason === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}

function parseLine(text: string, model: string): LoggedPrediction | null {
  const line = parseIntact(text, LoggedPrediction, 'a line of the prediction log');
  return line?.model === model ? line : null;
}

function findGaps(segments: readonly Segment[], window: Window, found: ReadonlySet<string>) {
  const begins = segments[0]?.day ?? null;
  const numbers = new Map<string, number[]>();
  for (const { day, number } of segments) numbers.set(day, [...(numbers.get(day) ?? []), number]);
  const gone = [...numbers].map(([day, kept]) =>
    isNear(day, window) ? Math.max(...kept) - kept.length : 0,
  );
  return {
    begins,
    startsEarlier: begins === null || dayOf(window.since) < begins,
    emptyDays: begins === null ? [] : emptyDays(begins, window, found),
    goneSegments: gone.reduce((sum, count) => sum + count, 0),
  };
}

/** Whole days only: the first and the last of a window may be a minute each. */
function emptyDays(begins: string, { since, until }: Window, found: ReadonlySet<string>): string[] {
  const first = Math.max(Date.parse(begins), Math.ceil(since / dayMs) * dayMs);
  const count = Math.max(0, Math.floor((until - first) / dayMs));
  const days = Array.from({ length: count }, (_, at) => dayOf(first + at * dayMs));
  return days.filter((day) => !found.has(day));
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
