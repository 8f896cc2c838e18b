import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { DealtExample, Example } from '../../schemas/index.ts';

/** Which examples are asked for; left out, all that are not held back. */
export type Part = 'heldBack';

/** The examples that may be looked at; or, as a test split, those that are held back. */
export function pickPart(examples: readonly DealtExample[], part?: Part): Example[] {
  if (!part) return examples.filter(isOpen);
  return examples.filter((one) => !isOpen(one)).map((one) => ({ ...one, split: 'test' }));
}

function isOpen(example: DealtExample): example is Example {
  return example.split !== 'heldBack';
}

/** The split of a set of which nothing is held back: what must be refused is no part of a promotion's examples. */
export function withoutHeldBack({ heldBack: _, ...split }: SplitDefinition): SplitDefinition {
  return split;
}
