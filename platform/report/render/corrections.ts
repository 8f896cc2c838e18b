import { parseCsv } from '../../lib/csv.ts';
import { isMainstemError } from '../../lib/errors.ts';
import { plural } from '../../lib/plural.ts';
import { renderCsvLine } from '../../lib/render-csv-line.ts';
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

/**
 * Why a file must not be replaced by other corrections; null if it is one in which nobody has written anything.
 *
 * @example keepCorrections(renderCorrections(report)) // null
 */
export function keepCorrections(content: Buffer): string | null {
  const table = readTable(content);
  if (table === null || head.some((name) => !table.columns.includes(name))) {
    return 'it is there already, and is not a file of corrections';
  }
  const typed = table.rows.filter(({ corrected = '' }) => corrected.trim() !== '').length;
  if (typed > 0) return `${plural(typed, 'correction')} that somebody has typed would be lost`;
  const others = table.columns.filter((name) => !head.includes(name));
  return others.length > 0 ? `its columns ${others.join(', ')} would be lost` : null;
}

function readTable(content: Buffer): ReturnType<typeof parseCsv> | null {
  try {
    return parseCsv(content, 'corrections');
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
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
