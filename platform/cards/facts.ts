import { ownValue } from '../lib/own-value.ts';
import type {
  DataLock,
  HeldBack,
  LockedDataset,
  MetricInterval,
  ModelRecord,
} from '../schemas/index.ts';

/** What is known of a dataset that a model was made from. */
export interface DataFact {
  readonly name: string;
  readonly digest: string;
  /** Where it comes from and how much it is; null if the lock names another version now. */
  readonly locked: LockedDataset | null;
}

/** Whether it is what a model learns from the features of, and no examples. */
export function isBackbone({ locked }: DataFact): boolean {
  return locked?.kind === 'backbone';
}

/** What cards are made from: a model's record, and what the lock says of its data. */
export interface CardFacts {
  readonly record: ModelRecord;
  readonly data: readonly DataFact[];
  /** What its promotion found on held-back examples; null where it does not serve, or none are held back. */
  readonly heldBack: HeldBack | null;
  /** Of the metrics, by the answers to the test split; empty where those are not at hand. */
  readonly intervals: readonly MetricInterval[];
}

/** What a record and a lock do not say. */
export interface CardExtras {
  readonly heldBack?: HeldBack | null | undefined;
  readonly intervals?: readonly MetricInterval[] | undefined;
}

/** Puts together what is known of a model. */
export function cardFacts(
  record: ModelRecord,
  lock: DataLock,
  { heldBack = null, intervals = [] }: CardExtras = {},
): CardFacts {
  const data = Object.entries(record.data).map(([name, digest]) => {
    const locked = ownValue(lock.datasets, name);
    return { name, digest, locked: locked?.digest === digest ? locked : null };
  });
  return { record, data, heldBack, intervals };
}

/** The 95 % interval of a metric; undefined where it has none. */
export function intervalOf(
  { intervals }: CardFacts,
  metric: string,
): { readonly low: number; readonly high: number } | undefined {
  const { low = null, high = null } = intervals.find(({ name }) => name === metric) ?? {};
  return low === null || high === null ? undefined : { low, high };
}

/** What learns, in words. */
export function familyOf({ training }: ModelRecord): string {
  return training.kind === 'trees' ? 'gradient-boosted trees' : 'neural network';
}

/** Examples in a dataset's split. */
export function countIn(locked: LockedDataset, split: string): number {
  return Object.values(ownValue(locked.splits, split) ?? {}).reduce((sum, count) => sum + count, 0);
}
