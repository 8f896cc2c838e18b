import { hash } from 'node:crypto';
import type { SplitDefinition } from '../../schemas/define/index.ts';
import type { SplitName } from '../../schemas/index.ts';

/**
 * The split of a group: a seeded hash of its name, so that a group keeps its split whatever else is added or removed.
 */
export function assignSplit(group: string, split: SplitDefinition): SplitName {
  const [train, validation] = split.fractions;
  const head = hash('sha256', `${split.seed}\n${group}`, 'hex').slice(0, 12);
  const share = Number.parseInt(head, 16) / 2 ** 48;
  if (share < train) return 'train';
  return share < train + validation ? 'validation' : 'test';
}
