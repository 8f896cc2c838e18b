import { MainstemError } from '../../platform/lib/errors.ts';
import { renderDuration } from '../../platform/lib/render-duration.ts';
import { renderBytes } from '../../platform/lib/text.ts';
import type { ProjectDefinition } from '../../platform/schemas/define/index.ts';

/** Ends a stage that takes more than its project allows. */
export interface StageLimit {
  /** Aborted by the caller's signal, or with STAGE_LIMIT. */
  readonly signal: AbortSignal;
  /** To be called with what all processes of the run hold. */
  readonly onMemory: (bytes: number) => void;
  /** Stops the clock. */
  readonly end: () => void;
}

/** A timer for more milliseconds ends at once. */
const longestMs = 2 ** 31 - 1;

/** Starts the clock of a stage. @param outer the signal of whoever runs it */
export function limitStage(
  stage: string,
  limits: ProjectDefinition['limits'],
  outer: AbortSignal,
): StageLimit {
  const inner = new AbortController();
  const exceed = (spent: string, limit: string) =>
    inner.abort(new MainstemError('STAGE_LIMIT', { stage, spent, limit }));
  const { minutes, memoryMb } = limits;
  const seconds = (minutes ?? 0) * 60;
  const late = () => exceed(`more than ${renderDuration(seconds)}`, `minutes: ${minutes}`);
  const stop = minutes === undefined ? () => {} : startClock(seconds * 1000, late);
  return {
    signal: AbortSignal.any([outer, inner.signal]),
    onMemory(bytes) {
      if (memoryMb === undefined || bytes <= memoryMb * 1e6) return;
      exceed(`${renderBytes(bytes)} of memory`, `memoryMb: ${memoryMb}`);
    },
    end: stop,
  };
}

/** Calls back after a time of any length, without keeping the process alive. @returns what stops the clock */
function startClock(ms: number, late: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (left: number) => {
    const next = () => (left > longestMs ? wait(left - longestMs) : late());
    timer = setTimeout(next, Math.min(left, longestMs)).unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}
