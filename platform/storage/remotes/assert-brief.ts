import { MainstemError } from '../../lib/errors.ts';

/** What is fetched, and how many bytes it may have at most. */
export interface Brief {
  readonly address: string;
  readonly key: string;
  /** Undefined for any number. */
  readonly most: number | undefined;
}

/** Refuses what is longer than it may be, before it is fetched. @throws MainstemError REMOTE_CORRUPT */
export function assertBrief({ address, key, most }: Brief, bytes: number): void {
  if (most === undefined || bytes <= most) return;
  const sizes = { expected: `at most ${most} bytes`, found: `${bytes} bytes` };
  throw new MainstemError('REMOTE_CORRUPT', { address, key, ...sizes });
}
