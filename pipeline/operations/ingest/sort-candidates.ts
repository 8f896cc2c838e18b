import { otherLabel } from '../../../platform/schemas/index.ts';
import type { Candidate } from './candidates.ts';

/** Why something that people labelled is not added; the words are for the review sheet. */
export const reasons = {
  contradicted: 'People gave it different labels',
  differs: 'The data has it with another label',
  unknownClass: 'Its label is not a class of this project',
  other: 'It is none of the classes, and the project has no place for such inputs',
  noContent: 'Only its answer was labelled, and the server has not kept the photo or the row',
  unreadable: 'The photo cannot be read',
  unfit: 'The row has a column that the table lacks',
  noText: 'The row has a character that no table can hold',
  outside: 'The row has a value that the project does not take in its column',
  beyond: 'More than the policy takes at once; the newest are taken first',
  old: 'It is older than the window of the policy',
} as const;
export type Reason = keyof typeof reasons;

/** A labelled thing that is not added. */
export interface LeftOut {
  readonly candidate: Candidate;
  readonly reason: Reason;
  /** The label that the data has, if it is there. */
  readonly known?: string;
}

/** What may be learnt from: one label, that the project knows. */
export interface Labelled {
  readonly candidate: Candidate;
  readonly label: string;
  /** Whether it belongs to the inputs that must be refused. */
  readonly isOther: boolean;
}

/** What a project takes. */
export interface Taken {
  readonly classes: readonly string[];
  /** Whether it has data of inputs that must be refused. */
  readonly takesOther: boolean;
  /** Milliseconds; older labels are left out. */
  readonly since: number;
}

/** Says of a candidate what its label is, or why it has none that counts. Two answers are never decided between. */
export function sortCandidate(
  candidate: Candidate,
  { classes, takesOther, since }: Taken,
): Labelled | LeftOut {
  const [label = '', ...more] = candidate.labels;
  const leftOut = (reason: Reason): LeftOut => ({ candidate, reason });
  if (more.length > 0) return leftOut('contradicted');
  if (Date.parse(candidate.at) < since) return leftOut('old');
  if (classes.includes(label)) return { candidate, label, isOther: false };
  if (label !== otherLabel) return leftOut('unknownClass');
  return takesOther ? { candidate, label, isOther: true } : leftOut('other');
}
