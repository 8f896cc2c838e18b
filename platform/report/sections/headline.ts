import { plural } from '../../lib/plural.ts';
import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import { findMetric } from '../../quality/index.ts';
import type { Report, ReportVerdict } from '../report.ts';
import type { Tone } from '../section.ts';
import { renderSeedDoubt } from './seeds.ts';

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
export function headline(report: Report): Headline {
  const { project, verdict, reason, gates, notices } = report;
  const failed = gates.filter(({ passed }) => !passed);
  const bad = failed.length > 0 || verdict === 'worse';
  return {
    title: `${project.name}: ${verdict}${failed.length > 0 ? ', gates failed' : ''}`,
    tone: bad ? 'bad' : verdict === 'better' || verdict === 'first model' ? 'good' : 'plain',
    icon: failed.length > 0 ? '❌' : icons[verdict],
    sentences: [
      reason,
      ...renderSeedDoubt(report),
      ...renderChoice(report),
      renderGates(gates.length, failed.length),
    ],
    notices,
  };
}

/** That the best of many looks good by chance: one sentence, where there were others. */
function renderChoice({ trials, comparison }: Report): string[] {
  if (!trials || trials.candidates <= 1) return [];
  const known = `${trials.candidates} candidates are known to have been measured on this test data`;
  const { chosen, metric, champion } = comparison ?? {};
  if (!chosen || metric === undefined || champion === undefined) {
    return [`${known}: the best of them looks better than it is, so choose by validation.`];
  }
  const gain = renderGain(metric, chosen.gain, champion);
  return [
    `${known}: the best of so many equally good ones gains ${gain} by chance, so choose by validation.`,
  ];
}

/** A gain of a share in points, of an error as a share of the champion's. */
function renderGain(metric: string, gain: number, champion: number): string {
  if (findMetric(metric)?.format === 'share') return `${(gain * 100).toFixed(1)} points`;
  return champion > 0 ? renderPercent(gain / champion) : renderNumber(gain);
}

function renderGates(gates: number, failed: number): string {
  if (gates === 0) return 'There are no gates.';
  if (failed === 0) return gates === 1 ? 'The gate passed.' : `All ${gates} gates passed.`;
  return `${failed} of ${plural(gates, 'gate')} failed: it cannot be promoted.`;
}
