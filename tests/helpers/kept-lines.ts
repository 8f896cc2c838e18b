import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestJson } from '../../platform/lib/hash.ts';
import type { FeedbackLine, LoggedPrediction, Row } from '../../platform/schemas/index.ts';

/** An answer about a grower, as a server's log keeps it. */
export function loggedAnswer(
  at: number,
  row: Row | null,
  changed: Partial<LoggedPrediction> = {},
): LoggedPrediction {
  return {
    ...{ id: `answer-${at}`, index: 0, inputs: 1, at: new Date(at).toISOString() },
    ...{ model: 'market', version: 'a1b2c3d4e5f6', kind: row ? 'row' : 'tensor' },
    ...{ digest: digestJson(row ?? {}), ...(row && { row }) },
    ...{ class: 'good', value: null, probabilities: { good: 0.75, bad: 0.25 }, score: 0.75 },
    ...{ accepted: true, ms: 1, ...changed },
  };
}

/** What somebody said of an answer about a grower, as a server keeps it. */
export function correction(
  at: number,
  row: Row | null,
  changed: Partial<FeedbackLine> = {},
): FeedbackLine {
  return {
    ...{ model: 'market', version: 'a1b2c3d4e5f6', digest: digestJson(row ?? {}) },
    ...{ label: 'bad', predicted: 'good', accepted: true, at: new Date(at).toISOString() },
    ...(row && { row }),
    ...changed,
  };
}

/** Appends lines to a server's file; text stands as it is, as a crash leaves it. */
export async function keepLines(
  folder: string,
  name: string,
  lines: readonly (object | string)[],
): Promise<void> {
  const path = join(folder, 'market', name);
  await mkdir(dirname(path), { recursive: true });
  const text = lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`));
  await appendFile(path, text.join(''));
}
