import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type Channel,
  loadPromoted,
  type Promoted,
  type PromotedModel,
  promote,
} from '../../platform/registry/index.ts';
import type { ModelRecord, Workspace } from '../../platform/schemas/index.ts';
import { challenge } from '../challenge.ts';
import { readCandidate } from '../record.ts';
import { computeRunKey } from '../run.ts';
import { comparableChampion } from './comparable-champion.ts';
import { type Arena, codeOf, openArena } from './context.ts';

export interface PromotionTarget {
  readonly channel: Channel;
  readonly commit: boolean;
  /** True promotes without a comparison if the champion is not in the store; else that is an error. */
  readonly unrivalled?: boolean;
}

/**
 * Promotes the candidate that the last experiment left, after checking it against what serves now.
 *
 * @throws MainstemError PROMOTE_NO_CANDIDATE, and what {@link promote} throws.
 */
export async function promoteCandidate(
  workspace: Workspace,
  name: string,
  target: PromotionTarget,
): Promise<Promoted> {
  const arena = await openArena(workspace, name);
  const candidate = await readCandidate(workspace.root, name);
  if (!candidate) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const champion = await loadPromoted(workspace.root, name, target.channel);
  const rival = await rivalOf(arena, candidate, champion, target);
  const { key } = await computeRunKey(workspace, arena.project, { record: candidate });
  const { gates } = await challenge(arena, candidate, rival);
  return promote({
    root: workspace.root,
    store: arena.store,
    candidate,
    treeKey: key,
    gates,
    code: await codeOf(arena, candidate),
    channel: target.channel,
    commit: target.commit,
  });
}

async function rivalOf(
  arena: Arena,
  candidate: ModelRecord,
  champion: PromotedModel | null,
  { unrivalled = false }: PromotionTarget,
): Promise<ModelRecord | null> {
  if (!champion || champion.record.run === candidate.run) return null;
  return unrivalled ? comparableChampion(arena, champion) : champion.record;
}
