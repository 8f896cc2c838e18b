import { renderCsvLine } from '../../lib/change-cells.ts';
import type { LabelSuspect } from '../../schemas/index.ts';
import type { Report } from '../report.ts';

const head = ['id', 'row', 'label', 'suggestion', 'confidence', 'digest', 'corrected'];

/**
 * The suspected label errors as a CSV file, surest first. A person fills in `corrected` where a label is wrong, and
 * `lock --corrections` applies it.
 */
export function renderCorrections(report: Report): string {
  const lines = suspectsOf(report).map((one) => [
    ...[one.id, String(one.row ?? ''), one.label, one.suggestion].map(plainCell),
    ...[one.confidence.toFixed(4), one.digest, ''],
  ]);
  return [head, ...lines].map((cells) => `${renderCsvLine(cells)}\n`).join('');
}

/** The suspected label errors of all splits, surest first. */
export function suspectsOf({ analysis }: Report): LabelSuspect[] {
  const { shown = [], training } = analysis?.labels ?? {};
  return [...shown, ...(training?.shown ?? [])].sort((a, b) => b.confidence - a.confidence);
}

/** Spreadsheets run what begins like a formula; only the digest says which example it is. */
function plainCell(text: string): string {
  return /^[=+@-]/.test(text) ? `'${text}` : text;
}
