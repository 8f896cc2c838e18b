import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { readJson } from '../../../platform/lib/json-file.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { startOfDay } from '../../../platform/lib/start-of-day.ts';
import type { ProjectContext } from '../../context.ts';
import { gatherEvidence } from './evidence.ts';
import { type ScoreTest, type Section, scoreTests } from './score-tests.ts';

/** What people did by hand, by the id of the test: `pipeline/projects/<name>/ml-test-score.json`. */
export const ManualResults = dictionary(
  Type.Object(
    {
      /** When it was done: `2026-11-26`. */
      date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
      /** What was done and found, or where that is written. */
      result: Type.String({ minLength: 20 }),
    },
    { additionalProperties: false },
  ),
);
export type ManualResults = Static<typeof ManualResults>;

/** One test with its points. */
export interface ScoredTest extends Pick<ScoreTest, 'id' | 'section' | 'title' | 'todo'> {
  /** 1: done automatically; 0.5: by hand, and written down; 0: nothing shows it. */
  readonly points: 0 | 0.5 | 1;
  readonly evidence: string | null;
}

/** The ML Test Score of a project. */
export interface Score {
  readonly tests: readonly ScoredTest[];
  readonly sections: Readonly<Record<Section, number>>;
  /** The lowest of the sections. */
  readonly score: number;
}

/** File of a project's manual results. */
export const manualFile = 'ml-test-score.json';

/**
 * Computes the ML Test Score from what the repository shows. A test that nothing shows has no point; one that people did by
 * hand and wrote down has half of one. The score is the lowest of the four sections.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE
 */
export async function score(context: ProjectContext): Promise<Score> {
  const evidence = await gatherEvidence(context);
  const path = join(context.project.folder, manualFile);
  const manual = (await exists(path)) ? await readJson(path, ManualResults) : {};
  assertManual(manual, path);
  const tests: ScoredTest[] = [];
  for (const { id, section, title, todo, find } of scoreTests) {
    const found = await find(evidence);
    tests.push({
      ...{ id, section, title, todo },
      ...pointsOf(found || null, ownValue(manual, id)),
    });
  }
  const sumIn = (section: Section) => sumOf(tests.filter((one) => one.section === section));
  const sums = {
    ...{ data: sumIn('data'), model: sumIn('model') },
    ...{ infrastructure: sumIn('infrastructure'), monitoring: sumIn('monitoring') },
  };
  return { tests, sections: sums, score: Math.min(...Object.values(sums)) };
}

/** A test that nobody knows would have no point without a word, and a day that never was proves nothing. */
function assertManual(manual: ManualResults, path: string): void {
  const known = new Set<string>(scoreTests.map(({ id }) => id));
  const today = new Date().toISOString().slice(0, 10);
  for (const [id, { date }] of Object.entries(manual)) {
    const reason = !known.has(id)
      ? `there is no test "${id}", but ${[...known].join(', ')}`
      : startOfDay(date) === null
        ? `"${id}" was done on ${date}, a day that no calendar has`
        : date > today
          ? `"${id}" was done on ${date}, which is still to come`
          : null;
    if (reason !== null) throw new MainstemError('JSON_INVALID', { path, reason });
  }
}

function pointsOf(
  found: string | null,
  manual: ManualResults[string] | undefined,
): Pick<ScoredTest, 'points' | 'evidence'> {
  if (found !== null) return { points: 1, evidence: found };
  if (manual) return { points: 0.5, evidence: `by hand, ${manual.date}: ${manual.result}` };
  return { points: 0, evidence: null };
}

function sumOf(tests: readonly ScoredTest[]): number {
  return tests.reduce((sum, { points }) => sum + points, 0);
}

/** What the paper says of a score. */
export function meaningOf(value: number): string {
  if (value === 0) return 'more of a research project than a productionised system';
  if (value <= 1) return 'not totally untested, but serious holes in reliability are possible';
  if (value <= 2) return 'a first pass at basic productionisation; more may be needed';
  if (value <= 3) return 'reasonably tested; more of it could be automated';
  if (value <= 5) return 'strong levels of automated testing and monitoring';
  return 'exceptional levels of automated testing and monitoring';
}
