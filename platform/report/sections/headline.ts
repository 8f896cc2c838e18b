import { plural } from '../../lib/plural.ts';
import type { Report, ReportVerdict } from '../report.ts';
import type { Tone } from '../section.ts';

/** The first thing that a reader sees. */
export interface Headline {
  /** For example `pumpkins: better`. */
  readonly title: string;
  readonly tone: Tone;
  readonly icon: string;
  /** Why, and what the gates say. */
  readonly sentences: readonly string[];
  /** What a reader must know before the numbers. */
  readonly notices: readonly string[];
}

const icons: Readonly<Record<ReportVerdict, string>> = {
  'first model': '🌱',
  better: '✅',
  'no detectable change': '➖',
  worse: '🔻',
  'cannot tell': '❔',
};

/** The verdict on the model and the gates' result, in one title and one or two sentences. */
export function headline({ project, verdict, reason, gates, notices }: Report): Headline {
  const failed = gates.filter(({ passed }) => !passed);
  const bad = failed.length > 0 || verdict === 'worse';
  return {
    title: `${project.name}: ${verdict}${failed.length > 0 ? ', gates failed' : ''}`,
    tone: bad ? 'bad' : verdict === 'better' || verdict === 'first model' ? 'good' : 'plain',
    icon: failed.length > 0 ? '❌' : icons[verdict],
    sentences: [reason, renderGates(gates.length, failed.length)],
    notices,
  };
}

function renderGates(gates: number, failed: number): string {
  if (gates === 0) return 'There are no gates.';
  if (failed === 0) return gates === 1 ? 'The gate passed.' : `All ${gates} gates passed.`;
  return `${failed} of ${plural(gates, 'gate')} failed: it cannot be promoted.`;
}
