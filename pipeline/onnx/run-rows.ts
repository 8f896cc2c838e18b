import { inLanes } from '../../platform/lib/in-lanes.ts';
import { mostThreads } from '../../platform/lib/threads.ts';
import type { Session, SessionResult } from './open-session.ts';
import { spreadSession } from './spread-session.ts';

/** Of rows, and of numbers in them: what a network computes on the way takes many times the memory of its input. */
const [mostRows, mostNumbers] = [64, 1_000_000];

/** Rows that can be put into the input of a network. */
export interface RowSource {
  /** Numbers of a row. */
  readonly rowLength: number;
  /** Writes some rows, one after another. */
  fill(values: Float32Array, rows: readonly number[]): void;
}

/** Runs a packaged network on some rows, on all cores. @returns in the order of the rows @param rows their numbers */
export async function runRows(
  session: Session,
  { fill, rowLength }: RowSource,
  rows: readonly number[],
): Promise<SessionResult> {
  const batchSize = Math.max(1, Math.min(mostRows, Math.floor(mostNumbers / rowLength)));
  const batches = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, at) =>
    rows.slice(at * batchSize, (at + 1) * batchSize),
  );
  await using sessions = spreadSession(session, batches.length);
  const results = await inLanes(batches, mostThreads, (batch) => {
    const values = new Float32Array(batch.length * rowLength);
    fill(values, batch);
    return sessions.run(values, batch.length);
  });
  return {
    output: concatenate(results.map(({ output }) => output)),
    embedding: concatenate(results.map(({ embedding }) => embedding)),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
