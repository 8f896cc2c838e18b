import { styleText } from 'node:util';
import type { LogReport } from '../../pipeline/operations/drift/measure-log.ts';
import { renderNumber, renderPercent } from '../../platform/lib/render-number.ts';

type Style = Parameters<typeof styleText>[0];
const paint = (style: Style, text: string) => styleText(style, text);
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Begins a part of the story. */
export function chapter(title: string): void {
  say(`\n${paint(['bold', 'cyan'], title)}`);
}

/** Says what happens. */
export function tell(text: string): void {
  say(`  ${text}`);
}

const marks = {
  ok: paint('green', '● ok   '),
  drift: paint(['bold', 'red'], '▲ drift'),
  insufficient: paint('gray', '○ few  '),
};
const width = 40;

/** One line for each verdict: a bar of the index, with a stroke where chance ends. */
export function showVerdicts({ properties, refused, accuracy, answers }: LogReport): void {
  say(paint('gray', `  after ${answers} answers`));
  const most = Math.max(0.3, ...properties.map(({ index }) => Math.min(index, 2)));
  for (const { property, index, noise, state } of properties) {
    const length = Math.round((Math.min(index, most) / most) * width);
    const bound = Math.min(width - 1, Math.round((Math.max(noise, 0.1) / most) * width));
    const cells = Array.from({ length: width }, (_, at) =>
      at === bound ? '│' : at < length ? '█' : '·',
    ).join('');
    const bar = paint(state === 'drift' ? 'red' : 'green', cells);
    say(`  ${marks[state]}  ${property.padEnd(18)} ${bar} ${renderNumber(index)}`);
  }
  const share = renderPercent(refused.hits / Math.max(refused.count, 1));
  const right = accuracy
    ? `, ${renderPercent(accuracy.value)} right of ${accuracy.count} with a label`
    : '';
  say(`  ${marks[refused.state]}  ${'refused'.padEnd(18)} ${share}${right}`);
}

/** Says whether something came as the story has it. */
export function showCheck(name: string, holds: boolean): void {
  say(`  ${holds ? paint('green', '✓') : paint(['bold', 'red'], '✗')} ${name}`);
}
