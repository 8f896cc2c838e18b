import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import { renderPValue } from '../../lib/render-p-value.ts';
import type { Analysis, WeakSpot } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, Drawing, ReportSection } from '../section.ts';

type Spots = Analysis['weakSpots'];

/** Groups of examples that nobody named as slices, and that are answered worse than all others. */
export function weakSpotSection({ analysis }: Report): ReportSection | null {
  if (!analysis || analysis.weakSpots.tested === 0) return null;
  const { tested, found } = analysis.weakSpots;
  const [worst] = found;
  const title = worst
    ? `Weak spots: ${nameOf(worst)}, ${missOf(worst, worst.here)}`
    : `Weak spots: none is shown among ${tested} groups`;
  const text =
    `Looked at ${tested} groups: every value of every column, numbers in quarters, and every two of them together. ` +
    'Shown are those that are answered worse than all other test examples by more than chance explains, corrected for their number.';
  return {
    title,
    folded: true,
    blocks: [...tableOf(analysis.weakSpots), { kind: 'text', text }],
  };
}

function tableOf({ found }: Spots): Block[] {
  if (found.length === 0) return [];
  const rows = found.map((spot) => [
    { text: nameOf(spot), code: true },
    String(spot.count),
    missOf(spot, spot.here),
    missOf(spot, spot.elsewhere),
    renderPValue(spot.pValue),
  ]);
  const head = ['where', 'examples', 'there', 'elsewhere', 'how sure'];
  return [{ kind: 'table', head, rows, numeric: [1, 2, 3], ...drawn(found) }];
}

function drawn(found: readonly WeakSpot[]): { drawing?: Drawing } {
  if (found.some(({ interval }) => interval === null)) return {};
  const points = found.map(({ here, interval }) => ({ value: here, ...interval }));
  const names = found.map((spot) => `${nameOf(spot)} (${spot.count})`);
  return {
    drawing: {
      ...{ kind: 'intervals', title: 'Share of wrong answers', unit: 'share', names },
      series: [{ name: 'candidate', points }],
    },
  };
}

function nameOf({ where }: WeakSpot): string {
  return where.map(({ column, value }) => `${column} ${value}`).join(', ');
}

/** How wrong the answers are: a share, or of a regression an error. */
function missOf({ interval }: WeakSpot, value: number): string {
  return interval ? `${renderPercent(value)} wrong` : `${renderNumber(value)} off on average`;
}
