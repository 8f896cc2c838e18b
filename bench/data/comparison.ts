import { cpus } from 'node:os';
import { type Operation, operations, type Times } from './measure.ts';
import { median } from './median.ts';

/** A Markdown table: medians, how many times as fast the first contender is as the second, and the goal. */
export function renderComparison(
  [ours, theirs]: readonly Times[],
  files: number,
  fileSystem: string,
): string {
  if (!ours || !theirs) throw new Error('two contenders are compared');
  const rows = (Object.keys(operations) as Operation[]).flatMap((operation) =>
    (['clock', 'processor'] as const).map((measure) => {
      const [own, other] = [median(ours[measure][operation]), median(theirs[measure][operation])];
      const ratio = other / own;
      const goal = operations[operation];
      const verdict = `≥ ${goal}×: ${ratio >= goal ? 'met' : 'missed'}`;
      const name = measure === 'clock' ? operation : `${operation}, processor time`;
      const cells = [name, seconds(own), seconds(other), `${ratio.toFixed(1)}×`, verdict];
      return `| ${cells.join(' | ')} |`;
    }),
  );
  const rounds = ours.clock.add.length;
  const [processor] = cpus();
  return [
    `${files} files of 200 to 350 bytes, on ${fileSystem}, medians of ${rounds} interleaved ${rounds === 1 ? 'round' : 'rounds'}, ${cpus().length} × ${processor?.model ?? 'unknown'}`,
    '',
    `| operation | ${ours.name} | ${theirs.name} | ratio | goal |`,
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
