import { plural } from '../../lib/plural.ts';
import { renderPercent } from '../../lib/render-number.ts';
import { showName } from '../../lib/text.ts';
import type { NearDuplicates, NearPair } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, ReportCell, ReportSection } from '../section.ts';

/** Photos that are nearly the same; across splits they let the test ask for what training has seen. */
export function nearDuplicateSection({ nearDuplicates }: Report): ReportSection | null {
  if (!nearDuplicates) return null;
  const { trial, pairs } = nearDuplicates;
  if (trial.informs && pairs === 0) return null;
  const blocks: Block[] = [
    ...(pairs > 0 ? [pairTable(nearDuplicates.shown)] : []),
    ...sayTrial(nearDuplicates).map((text) => ({ kind: 'text' as const, text })),
    ...(pairs > 0 ? [{ kind: 'text' as const, text: advice }] : []),
  ];
  return { title: `Near-duplicates: ${titleOf(nearDuplicates)}`, folded: true, blocks };
}

const advice =
  'Copies, or views of one thing: give them one value in the column that split.group names, so that they stay in one split, or keep ' +
  'one of them. Nothing was left out for it.';

function titleOf({ trial, pairs, across, labels, added }: NearDuplicates): string {
  if (!trial.informs) return 'cannot tell';
  const parts = [
    ...(across > 0 ? [`${across} across splits`] : []),
    ...(labels > 0 ? [`${labels} with two labels`] : []),
    ...(added > 0 ? [`${added} with an added photo`] : []),
  ];
  return [plural(pairs, 'pair'), ...parts].join(', ');
}

function pairTable(pairs: readonly NearPair[]): Block {
  const rows = pairs.map(({ first, second, distance, added }): (ReportCell | string)[] => [
    { text: first.id, code: true },
    { text: second.id, code: true },
    first.split === second.split
      ? first.split
      : { text: `${first.split}, ${second.split}`, tone: 'bad' },
    first.label === second.label
      ? showName(first.label)
      : { text: `${showName(first.label)}, ${showName(second.label)}`, tone: 'bad' },
    distance.toFixed(2),
    added ? 'yes' : 'no',
  ]);
  return {
    kind: 'table',
    head: ['photo', 'like', 'split', 'label', 'distance', 'added'],
    ...{ rows, numeric: [4] },
    photos: pairs.map(({ first }) => first.digest),
    near: pairs.map(({ second }) => [{ photo: second.digest, text: second.split }]),
  };
}

function sayTrial({ space, examined, of, trial, within }: NearDuplicates): string[] {
  const by = space === 'features' ? 'the features of the backbone' : '16 × 16 pixels';
  const many = examined < of ? `${examined} of ${of} photos` : plural(of, 'photo');
  const tried =
    `${trial.copies} copies made on purpose (cut off a little, lighter and saved again, half as large) are nearer to their photo than ` +
    `photos are to the fifth nearest other in ${renderPercent(trial.nearer)} of all comparisons.`;
  if (!trial.informs) {
    return [`By ${by} near-duplicates among ${many} cannot be told.`, tried];
  }
  const limit = `${renderPercent(trial.found)} of them lie within ${within.toFixed(2)}, which counts as near here.`;
  return [`${many} compared by ${by}.`, `${tried} ${limit}`];
}
