/** A file in which git has left both sides of a merge. */
export interface MergeConflict {
  /** What git calls each side: a branch, a commit, `HEAD`. */
  readonly ours: string;
  readonly theirs: string;
  /** The whole file as each side has it. */
  readonly texts: { readonly ours: string; readonly theirs: string };
}

/**
 * Parses the markers that git writes into a file that it could not merge; null if there are none.
 *
 * @example parseMergeConflict('<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> pears\n')?.theirs // 'pears'
 */
export function parseMergeConflict(text: string): MergeConflict | null {
  const names = { ours: '', theirs: '' };
  const texts = { ours: '', theirs: '' };
  let part: 'both' | 'ours' | 'base' | 'theirs' = 'both';
  for (const line of text.split(/(?<=\n)/)) {
    const [, marker = '', name = ''] = /^(<{7}|\|{7}|={7}|>{7})(?: (.*?))?\r?\n?$/.exec(line) ?? [];
    if (marker.startsWith('<')) [part, names.ours] = ['ours', name];
    else if (marker.startsWith('|')) part = 'base';
    else if (marker.startsWith('=')) part = 'theirs';
    else if (marker.startsWith('>')) [part, names.theirs] = ['both', name];
    else {
      if (part !== 'theirs' && part !== 'base') texts.ours += line;
      if (part !== 'ours' && part !== 'base') texts.theirs += line;
    }
  }
  return names.ours === '' && names.theirs === '' ? null : { ...names, texts };
}
