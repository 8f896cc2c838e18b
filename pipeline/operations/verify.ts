import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import {
  type Channel,
  type CheckResult,
  loadPromoted,
  loadRecord,
  readPointer,
  trialChannels,
  verify,
} from '../../platform/registry/index.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import { openStore } from '../../platform/storage/index.ts';
import { challenge } from '../challenge.ts';
import { championOf } from '../champion.ts';
import { checkInputs } from '../check-inputs.ts';
import type { ProjectContext } from '../context.ts';
import { measureHeldBack } from '../measure-held-back.ts';
import { pageOf } from '../record.ts';
import { computeRunKey } from '../run-key.ts';

/** What a pointer is verified against. */
export interface PointerQuestion {
  readonly channel: Channel;
  /** Null where nothing is committed yet. */
  readonly base: string | null;
  /** Whether its run must be that of the tree; not where the tree has gone on to the next candidate. */
  readonly isOfTree: boolean;
}

/**
 * Runs all checks of a model's production pointer against a base revision, those of what is tried beside it and of what is rehearsed.
 *
 * @returns one result per check; none if nothing is promoted
 * @throws MainstemError what {@link computeRunKey} and {@link challenge} throw
 */
export async function verifyModel(context: ProjectContext, base: string): Promise<CheckResult[]> {
  const question = { channel: 'production', base, isOfTree: true } as const;
  const checks = await verifyPointer(context, question);
  for (const channel of trialChannels)
    checks.push(...(await verifyPointer(context, { ...question, channel })).map(named(channel)));
  checks.push(...(await verifyStaging(context, base)), ...(await notePage(context)));
  return checks;
}

/** What is rehearsed may be older or newer than the tree. */
async function verifyStaging(context: ProjectContext, base: string): Promise<CheckResult[]> {
  const { root } = context.workspace;
  if (!(await readPointer(root, context.project.definition.name, 'staging'))) return [];
  const question = { channel: 'staging', base, isOfTree: false } as const;
  return (await verifyPointer(context, question)).map(named('staging'));
}

/** A check of what is not in production says so. */
function named(channel: Channel): (check: CheckResult) => CheckResult {
  return (check) => ({ ...check, message: `${channel}: ${check.message}` });
}

/** The page's texts decide nothing, so that others in project.ts are no fault; but nobody should wonder which are shown. */
async function notePage({ workspace, project }: ProjectContext): Promise<CheckResult[]> {
  const promoted = await loadPromoted(workspace.root, project.definition.name);
  if (!promoted) return [];
  const { page, run } = promoted.record;
  if (canonicalJson(page) === canonicalJson(pageOf(project))) return [];
  const message = `the page shows the texts in record ${run}; project.ts has other texts, which the next promotion takes`;
  return [{ check: 'record', passed: true, message }];
}

/** As {@link verifyModel}, for any pointer and base. */
export async function verifyPointer(
  context: ProjectContext,
  { channel, base, isOfTree }: PointerQuestion,
): Promise<CheckResult[]> {
  const { root } = context.workspace;
  const { name: model, split } = context.project.definition;
  const championFor = async (record: ModelRecord, run: string | null) =>
    championOf(run === null || run === record.run ? null : await loadRecord(root, model, run));
  const treeKey = async (record: ModelRecord) =>
    isOfTree ? (await computeRunKey(context, { record })).key : record.key;
  const notes: CheckResult[] = [];
  const gatesAgainst = async (record: ModelRecord, run: string | null) => {
    const champion = await championFor(record, run);
    const { gates, incomparable } = await challenge(context, record, champion);
    if (incomparable !== null) notes.push(noteUncompared(incomparable));
    return gates;
  };
  const checks = await verify({
    ...{ root, store: context.store, model, channel, base, treeKey, gatesAgainst },
    ...(isOfTree && { inputFaults: (record: ModelRecord) => checkInputs(context, record) }),
    ...(split.heldBack !== undefined && {
      heldBackAgainst: async (record: ModelRecord, run: string | null) =>
        measureHeldBack(context, record, await championFor(record, run)),
    }),
  });
  return [...checks, ...notes];
}

/** The project's gates decide whether this passes; whoever merges it should know. */
function noteUncompared(incomparable: string): CheckResult {
  const message = `not compared with the model that served before: ${incomparable}`;
  return { check: 'gates', passed: true, message };
}

/**
 * The checks of a model that the working tree does not promote, whether or not it still has the project.
 *
 * @throws MainstemError REVISION_UNKNOWN
 */
export async function verifyRemoved(
  root: string,
  model: string,
  base: string,
): Promise<CheckResult[]> {
  return verify({
    ...{ root, store: openStore(root), model, channel: 'production', base },
    treeKey: async ({ key }) => key,
    gatesAgainst: async () => [],
  });
}
