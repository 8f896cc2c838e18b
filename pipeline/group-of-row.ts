import { ownValue } from '../platform/lib/own-value.ts';
import type { PreparedRow } from '../platform/schemas/index.ts';

/** What an example belongs to; without a group it is its own. @param column the column by which examples belong together */
export function groupOfRow({ metadata, digest }: PreparedRow, column: string | undefined): string {
  return (column !== undefined && ownValue(metadata, column)) || digest;
}
