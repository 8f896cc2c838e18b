import type { Harm } from '../../tests/helpers/kills.ts';

const columns = [
  ['kills', 'kills'],
  ['hits', 'hit'],
  ['corruptIndexes', 'corrupt index'],
  ['halfWritten', 'half-written file'],
  ['gitLocks', 'git lock left'],
  ['compared', 'finished'],
  ['wrongResults', 'wrong result'],
  ['dirtyTrees', 'dirty tree'],
  ['leftovers', 'left after repair'],
] as const;

/** A Markdown table of the harm that each command took, and of all together. */
export function renderHarm(rows: readonly (readonly [name: string, harm: Harm])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const sum = (of: keyof Harm) => rows.reduce((total, [, harm]) => total + harm[of], 0);
  return [
    line(['command', ...columns.map(([, title]) => title)]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map(([name, harm]) => line([`\`${name}\``, ...columns.map(([of]) => harm[of])])),
    line(['all', ...columns.map(([of]) => sum(of))]),
  ].join('\n');
}
