import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { hasCommit, isShallow } from '../platform/lib/git.ts';
import { shorten } from '../platform/lib/text.ts';
import {
  type GateResult,
  type ModelRecord,
  type StageName,
  type StageRecord,
  stageNames,
  stages,
} from '../platform/schemas/index.ts';
import { denyStatement } from './check-claims.ts';
import { compareSeeds } from './check-seeds.ts';
import type { ProjectContext } from './context.ts';
import { recallSeeds } from './train-seeds.ts';

/**
 * A failed gate for each thing in a record of this machine that is not as the machine's own store has it: what stages have put
 * out, when the model was packaged, how the models of other seeds differ; and for a commit that the repository has not. What is
 * no longer in the store is not looked at.
 */
export async function checkCopies(
  context: ProjectContext,
  record: ModelRecord,
): Promise<GateResult[]> {
  return [
    ...(await checkStages(context, record)),
    ...(await checkSpread(context, record)),
    ...(await checkCommit(context.workspace.root, record)),
  ];
}

async function checkStages({ store }: ProjectContext, record: ModelRecord): Promise<GateResult[]> {
  const found: GateResult[] = [];
  for (const name of stageNames) {
    const key = record.stages[name];
    const stage = key === undefined ? null : await store.readRecord(key);
    if (stage?.status !== 'done') continue;
    found.push(...checkOutputs(record, name, stage));
    if (name === 'package') found.push(...checkTime(record, stage));
  }
  return found;
}

function checkOutputs(record: ModelRecord, name: StageName, stage: StageRecord): GateResult[] {
  const { recordedAs } = stages[name];
  const stated = membersOf(recordedAs && record[recordedAs]);
  const put = membersOf(stage.outputs);
  return [...stated].flatMap(([key, text]) => {
    const found = put.get(key) ?? 'nothing';
    if (text === found) return [];
    const place = `${recordedAs}.${key}`;
    return [denyStatement(place, shorten(text), `and its stage says ${shorten(found)}`)];
  });
}

/** Each member of an object as JSON in which nothing but values decides. */
function membersOf(value: unknown): Map<string, string> {
  const members = Object.entries(Object(value)).filter(([, member]) => member !== undefined);
  return new Map(members.map(([key, member]) => [key, canonicalJson(member)]));
}

function checkTime({ createdAt }: ModelRecord, { startedAt }: StageRecord): GateResult[] {
  if (createdAt === startedAt) return [];
  return [denyStatement('time', createdAt, `and it was packaged at ${startedAt}`)];
}

async function checkSpread(context: ProjectContext, record: ModelRecord): Promise<GateResult[]> {
  if (!record.seeds) return [];
  const measured = await recallSeeds(context, record, record.seeds.seeds.length);
  return measured ? compareSeeds(record.seeds, measured) : [];
}

/** What lies before the end of a shallow clone's history is not known. */
async function checkCommit(root: string, { commit }: ModelRecord): Promise<GateResult[]> {
  if (commit === null || (await hasCommit(root, commit)) || (await isShallow(root))) return [];
  return [denyStatement('commit', commit, 'which this repository does not have')];
}
