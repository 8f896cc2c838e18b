import { createOneByOne, type OneByOne } from '../../platform/lib/one-by-one.ts';
import { timeOfId } from '../../platform/lib/prediction-id.ts';
import type { LoggedPrediction } from '../../platform/schemas/index.ts';
import { createDiskTurn } from '../feedback/disk-turn.ts';
import { type Answer, parseLine, renderLines, startOfLine } from './line.ts';
import { openSegments, type SegmentLimits, type Segments } from './segments.ts';

/**
 * What a server answered, one line for each input, in bounded segments. Nobody waits for it: lines are rendered after the answer
 * was sent, wait in memory and are written in batches. What cannot be written is dropped and counted.
 */
export interface PredictionLog {
  /** Whether it keeps anything. */
  readonly isOn: boolean;
  /** Bytes that its segments take on the disk. */
  readonly storedBytes: number;
  /** Whether the next answer is kept: decided before it is computed, so that the others cost nothing. */
  samples(): boolean;
  /** Keeps an answer that was sent. */
  note(answer: Answer): void;
  /**
   * The line of an input that was answered, also one that is still to be written. The newest where several have the same id.
   *
   * @throws MainstemError FEEDBACK_UNWRITABLE where the disk does not answer
   */
  find(model: string, id: string, index: number): Promise<LoggedPrediction | null>;
  /** Writes what waits, and ends. */
  close(): Promise<void>;
}

/** What the log keeps. */
export interface PredictionLogOptions extends SegmentLimits {
  readonly folder: string;
  /** The share of answers that is kept, from 0 (the log is off) to 1. */
  readonly share: number;
  /** Whether the values of rows are kept, beside their digests. */
  readonly values: boolean;
  readonly now: () => Date;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** Milliseconds that a line waits for others. @default one second */
  readonly waitMs?: number;
  readonly reporter: PredictionLogReporter;
}

/** What happens to lines: they are written, or dropped because too many waited, one was too long or the disk did not take them. */
export const lineOutcomes = ['written', 'queue', 'long', 'disk'] as const;
export type LineOutcome = (typeof lineOutcomes)[number];

/** Observes what happens to lines. */
export interface PredictionLogReporter {
  count(outcome: LineOutcome, lines: number): void;
  /** Lines cannot be written: called once, until they can be again. */
  failed(error: unknown): void;
  recovered(): void;
}

/** Most bytes of lines that wait in memory while a disk is slow. */
const waitingBytes = 8 * 1024 ** 2;
/** So many are written at once, without waiting any longer. */
const batchBytes = 512 * 1024;
const hourMs = 3_600_000;

/**
 * Opens the log; its folder need not exist. Old segments are removed once an hour, even if nobody asks anything.
 *
 * @example
 * const log = openPredictionLog({ folder, share: 1, values: false, bytes: 1024 ** 3, days: 30, now, reporter });
 * await log.find('pumpkins', '019ac2b3-1d00-7c55-9f0e-3a3b8a6f1c52', 0); // { class: 'good', … }
 */
export function openPredictionLog(options: PredictionLogOptions): PredictionLog {
  const { share, random = Math.random } = options;
  if (share === 0) return offLog;
  const segments = openSegments(options.folder, options);
  const inTurn = createOneByOne();
  const writer = createWriter(segments, inTurn, options);
  const searching = createDiskTurn();
  const rendering = { values: options.values, longest: segments.longest - 2 };
  // Only when the server has a log that errors can be reported to.
  const first = setImmediate(writer.expire);
  const hourly = setInterval(writer.expire, hourMs).unref();
  return {
    isOn: true,
    get storedBytes() {
      return segments.storedBytes;
    },
    samples: () => share === 1 || random() < share,
    note: (answer) => {
      for (const line of renderLines(answer, rendering)) writer.add(answer.model, line);
    },
    find: (model, id, index) =>
      // A slow disk must not keep one of the server's places occupied for longer.
      searching(async () => {
        await writer.flush();
        const start = startOfLine(id, index);
        const line = await inTurn(() => segments.findLast(model, start, timeOfId(id)));
        return line === null ? null : parseLine(line);
      }),
    async close() {
      clearImmediate(first);
      clearInterval(hourly);
      await writer.flush();
    },
  };
}

const offLog: PredictionLog = {
  isOn: false,
  storedBytes: 0,
  samples: () => false,
  note: () => {},
  find: async () => null,
  close: async () => {},
};

/** Writes lines in batches, and counts what happens to them. */
function createWriter(
  segments: Segments,
  inTurn: OneByOne,
  { now, reporter, waitMs = 1000 }: PredictionLogOptions,
) {
  const health = createHealth(reporter);
  const queue = createQueue();
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    return inTurn(async () => {
      for (const [model, lines] of queue.take()) {
        const written = await health.watch(() => segments.append(model, lines, now()));
        reporter.count(written ? 'written' : 'disk', lines.length);
        queue.leave(lines);
      }
    });
  };

  return {
    /** Writes what waits. */
    flush,
    /** Has a line written, with others. @param line null for one that is too long */
    add(model: string, line: string | null) {
      if (line === null) return reporter.count('long', 1);
      if (!queue.add(model, line)) return reporter.count('queue', 1);
      if (queue.bytes >= batchBytes && timer) void flush();
      else timer ??= setTimeout(flush, waitMs).unref();
    },
    /** Removes what is too old. */
    expire: () => inTurn(() => health.watch(() => segments.expire(now()), false)),
  };
}

/** Lines that wait to be written, by model; those being written count until they {@link leave}. */
function createQueue() {
  let waiting = new Map<string, string[]>();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    /** @returns whether there was room */
    add(model: string, line: string): boolean {
      if (bytes + line.length > waitingBytes) return false;
      bytes += line.length;
      const lines = waiting.get(model);
      if (lines) lines.push(line);
      else waiting.set(model, [line]);
      return true;
    },
    take() {
      const taken = waiting;
      waiting = new Map();
      return taken;
    },
    leave(lines: readonly string[]) {
      for (const line of lines) bytes -= line.length;
    },
  };
}

/** Reports the first of several errors, and that they have ended. */
function createHealth(reporter: PredictionLogReporter) {
  let failing = false;
  return {
    /**
     * @param writes whether its success shows that lines can be written
     * @returns whether the work was done
     */
    async watch(work: () => Promise<void>, writes = true): Promise<boolean> {
      try {
        await work();
        if (failing && writes) reporter.recovered();
        if (writes) failing = false;
        return true;
      } catch (error) {
        if (!failing) reporter.failed(error);
        failing = true;
        return false;
      }
    },
  };
}
