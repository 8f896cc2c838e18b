import { join } from 'node:path';
import { exists } from '../../../platform/lib/files.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import type { GatheredSource } from '../../../platform/schemas/define/index.ts';
import type { FeedbackLine, LoggedPrediction, Workspace } from '../../../platform/schemas/index.ts';
import { readPredictionLog } from '../drift/read-log.ts';
import { readFeedback } from '../read-feedback.ts';

/** One line that a server keeps, with the moments from which it counts, in microseconds since 1970. */
export interface KeptLine {
  /** Since when what it says is true. */
  readonly event: number;
  /** Since when it was known: questions asked before do not see it. */
  readonly known: number;
  /** What a column of the definition names in it; undefined where the line has no such thing. */
  valueOf(column: string): string | number | boolean | null | undefined;
}

/** What a folder of a server holds of one model, oldest first, and what of it could not be read. */
export interface KeptLines {
  readonly lines: readonly KeptLine[];
  /** Lines that are not as the server writes them. */
  readonly damaged: number;
  /** Files that end within a line. */
  readonly unfinished: number;
}

const microsPerMs = 1000;

/**
 * Reads what a server keeps of a model.
 *
 * @param folder of all models @param now milliseconds since 1970: what claims to be later is left out
 * @throws MainstemError FILE_UNREADABLE, INTERRUPTED
 */
export async function readKeptLines(
  workspace: Pick<Workspace, 'reporter' | 'signal'>,
  { kind, model }: GatheredSource,
  { folder, now }: { readonly folder: string; readonly now: number },
): Promise<KeptLines> {
  const own = join(folder, model);
  if (kind === 'feedback') return readCorrections(own, now);
  // Nobody has asked this model yet.
  if (!(await exists(own))) return { lines: [], damaged: 0, unfinished: 0 };
  const lines: KeptLine[] = [];
  const window = { since: 0, until: now + 1 };
  const { damaged, unfinished } = await readPredictionLog(
    workspace,
    { folder: own, model, window },
    (line, at) => lines.push(keptAnswer(line, at)),
  );
  return { lines, damaged, unfinished };
}

/** An answer is about the moment of its question, and nobody knew it before it was sent: not even its own question. */
function keptAnswer(line: LoggedPrediction, at: number): KeptLine {
  const event = at * microsPerMs;
  const { class: answer, value, score, accepted, version, probabilities, row } = line;
  const held = new Map(Object.entries({ class: answer, value, score, accepted, version }));
  const known = event + Math.max(1, Math.ceil(line.ms * microsPerMs));
  return { event, known, valueOf: (column) => valueIn(held, { probabilities, row }, column) };
}

async function readCorrections(folder: string, now: number): Promise<KeptLines> {
  const { lines, damaged } = await readFeedback(folder);
  const timed = lines.map((line) => ({ line, at: Date.parse(line.at) }));
  const whole = timed.filter(({ at }) => !Number.isNaN(at));
  return {
    lines: whole.filter(({ at }) => at <= now).map(({ line, at }) => keptCorrection(line, at)),
    damaged: damaged + timed.length - whole.length,
    unfinished: 0,
  };
}

/** What somebody said counts once it was said: a question of the same moment does not see it. */
function keptCorrection(line: FeedbackLine, at: number): KeptLine {
  const { label, predicted, accepted, version, slices, row } = line;
  const held = new Map(Object.entries({ label, predicted, accepted, version }));
  const event = at * microsPerMs;
  return { event, known: event + 1, valueOf: (column) => valueIn(held, { slices, row }, column) };
}

type Value = string | number | boolean | null;

/** @param groups what has names of its own: `row.<column>`, `probabilities.<class>`, `slices.<column>` */
function valueIn(
  held: ReadonlyMap<string, Value>,
  groups: Readonly<Record<string, Readonly<Record<string, Value>> | undefined>>,
  column: string,
): Value | undefined {
  const [, group = '', name = ''] = /^([a-z]+)\.(.*)$/s.exec(column) ?? [];
  const values = ownValue(groups, group);
  return values ? ownValue(values, name) : held.get(column);
}
