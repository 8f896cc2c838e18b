import type { BigIntStats } from 'node:fs';

/**
 * Whether a file that is looked at again and again is another one than before: equal stamps mean that nothing has changed.
 *
 * @param found what the system says of it, or why it says nothing
 */
export function stampOf(found: BigIntStats | string): string {
  if (typeof found === 'string') return found;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
