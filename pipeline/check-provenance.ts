import { isMainstemError } from '../platform/lib/errors.ts';
import { fileAt, hasCommit, isObjectName } from '../platform/lib/git.ts';
import { lockFile } from '../platform/lib/layout.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { parseVersioned } from '../platform/lib/parse-versioned.ts';
import { abbreviate } from '../platform/lib/text.ts';
import { DataLock, type GateResult, type ModelRecord } from '../platform/schemas/index.ts';
import { denyStatement } from './check-claims.ts';

/** Clocks differ, and so do the ways to set them. */
const tolerance = 24 * 60 * 60 * 1000;

/**
 * A failed gate for each thing that a record says of when and from what it was made and that cannot be: a time in no calendar or
 * in the future, a commit that git could not have made, a clean tree whose commit has other data. That a commit is not in
 * this repository is none: it may have been rebased since, or the clone is shallow.
 *
 * @throws MainstemError GIT_UNTRUSTED, GIT_DAMAGED
 */
export async function checkProvenance(
  root: string,
  record: ModelRecord,
  now = new Date(),
): Promise<GateResult[]> {
  return [...checkTime(record, now), ...(await checkCommit(root, record))];
}

function checkTime({ createdAt, model }: ModelRecord, now: Date): GateResult[] {
  const time = parseTime(createdAt);
  if (time === null) return [denyStatement('time', createdAt, 'which is no time')];
  if (time <= now.getTime() + tolerance) return [];
  const found = `which is after now, ${now.toISOString()} (made where a clock was wrong: "npx mainstem experiment ${model} --force" makes it again)`;
  return [denyStatement('time', createdAt, found)];
}

/** As `Date` writes it; null for a day that is in no calendar, which `Date` reads as another one. */
function parseTime(text: string): number | null {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text ? time.getTime() : null;
}

async function checkCommit(root: string, record: ModelRecord): Promise<GateResult[]> {
  const { commit, dirty } = record;
  if (commit === null) {
    return dirty ? [] : [denyStatement('commit', 'none', 'of which the tree cannot be clean')];
  }
  if (!isObjectName(commit)) return [denyStatement('commit', commit, 'which names no commit')];
  if (dirty || !(await hasCommit(root, commit))) return [];
  const foreign = await findForeignData(root, commit, record);
  if (foreign === undefined) return [];
  return [denyStatement('commit', commit, `whose ${lockFile} has another version of ${foreign}`)];
}

/** The dataset of a record that is another one in the commit's lock; none where that lock cannot be read. */
async function findForeignData(
  root: string,
  commit: string,
  { data }: ModelRecord,
): Promise<string | undefined> {
  const text = await fileAt(root, commit, lockFile);
  const lock = text === null ? null : parseLock(text, `${abbreviate(commit)}:${lockFile}`);
  if (!lock) return undefined;
  const isForeign = ([name, digest]: [string, string]) =>
    ownValue(lock.datasets, name)?.digest !== digest;
  return Object.entries(data).find(isForeign)?.[0];
}

function parseLock(text: string, what: string): DataLock | null {
  try {
    return parseVersioned(text, DataLock, what);
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return null;
  }
}
