import { hash } from 'node:crypto';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { PartName, SplitName } from '../../schemas/index.ts';

/**
 * The split of a group: a seeded hash of its name, so that a group keeps its split whatever else is added or removed.
 */
export function assignSplit(group: string, split: SplitDefinition): SplitName {
  const [train, validation] = split.fractions;
  const share = drawShare(`${split.seed}\n${group}`);
  if (share < train) return 'train';
  return share < train + validation ? 'validation' : 'test';
}

/**
 * The split of a group, or that it is held back. That is drawn by a hash of its own, before the splits are dealt: a share that
 * is changed moves no other group, and no seed or fraction brings a group that is held back into training.
 */
export function assignPart(group: string, split: SplitDefinition): PartName {
  if (split.heldBack !== undefined && drawHeldBack(group) < split.heldBack) {
    return 'heldBack';
  }
  return assignSplit(group, split);
}

/** The share beyond which a group is held back. */
export function drawHeldBack(group: string): number {
  return drawShare(`held back\n${group}`);
}

/** A number from 0 to 1 that a text always gives. */
function drawShare(text: string): number {
  const head = hash('sha256', text, 'hex').slice(0, 12);
  return Number.parseInt(head, 16) / 2 ** 48;
}
