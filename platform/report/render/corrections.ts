import { renderCsvLine } from '../../lib/change-cells.ts';
import type { Report } from '../report.ts';

const head = ['id', 'row', 'label', 'suggestion', 'confidence', 'digest', 'corrected'];

/**
 * The suspected label errors as a CSV file, surest first. A person fills in `corrected` where a label is wrong, and
 * `lock --corrections` applies it.
 */
export function renderCorrections({ analysis }: Report): string {
  const lines = (analysis?.labels.shown ?? []).map((one) => [
    ...[one.id, String(one.row ?? ''), one.label, one.suggestion].map(plainCell),
    ...[one.confidence.toFixed(4), one.digest, ''],
  ]);
  return [head, ...lines].map((cells) => `${renderCsvLine(cells)}\n`).join('');
}

/** Spreadsheets run what begins like a formula; only the digest says which example it is. */
function plainCell(text: string): string {
  return /^[=+@-]/.test(text) ? `'${text}` : text;
}
