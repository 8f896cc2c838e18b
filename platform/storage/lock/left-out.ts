import { type Static, Type } from 'typebox';
import { plainText } from '../../lib/markdown.ts';
import { plural } from '../../lib/plural.ts';
import type { LeftOutKind, Scan } from './scan.ts';

/** What a dataset's folder holds that is not part of the dataset. */
export const LeftOut = Type.Object({
  kind: Type.Union([
    Type.Literal('link'),
    Type.Literal('special file'),
    Type.Literal('empty folder'),
    Type.Literal('hidden name'),
  ]),
  count: Type.Integer(),
  /** The path of one of them. */
  example: Type.String(),
});
export type LeftOut = Static<typeof LeftOut>;

/** Counts what was left out, by kind; empty for most datasets. */
export function countLeftOut(leftOut: Scan['leftOut']): LeftOut[] {
  const kinds: readonly LeftOutKind[] = ['link', 'special file', 'empty folder', 'hidden name'];
  return kinds.flatMap((kind) => {
    const [example] = leftOut[kind];
    return example === undefined ? [] : [{ kind, count: leftOut[kind].length, example }];
  });
}

/**
 * What was left out, in words; '' if nothing was.
 *
 * @example renderLeftOut([{ kind: 'link', count: 2, example: 'apple/1.jpg' }]) // 'left out: 2 links (apple/1.jpg, …)'
 */
export function renderLeftOut(leftOut: readonly LeftOut[]): string {
  const parts = leftOut.map(({ kind, count, example }) => {
    return `${plural(count, kind)} (${plainText(example)}${count > 1 ? ', …' : ''})`;
  });
  return parts.length === 0 ? '' : `left out: ${parts.join(', ')}`;
}
