import { type Channel, loadPromoted, type Promoted, promote } from '../../models/index.ts';
import { challenge } from '../challenge.ts';
import { MainstemError } from '../lib/errors.ts';
import { readCandidate } from '../record.ts';
import { computeRunKey } from '../run.ts';
import type { Workspace } from '../types.ts';
import { codeOf, openArena } from './arena.ts';

/**
 * Promotes the candidate that the last experiment left, after checking it against what serves now.
 *
 * @throws MainstemError PROMOTE_NO_CANDIDATE, and what {@link promote} throws.
 */
export async function promoteCandidate(
  workspace: Workspace,
  name: string,
  target: { readonly channel: Channel; readonly commit: boolean },
): Promise<Promoted> {
  const arena = await openArena(workspace, name);
  const candidate = await readCandidate(workspace.root, name);
  if (!candidate) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const champion = await loadPromoted(workspace.root, name, target.channel);
  const rival = champion?.record.run === candidate.run ? null : (champion?.record ?? null);
  const { key } = await computeRunKey(workspace, arena.project, { record: candidate });
  const { gates } = await challenge(arena, candidate, rival);
  return promote({
    root: workspace.root,
    store: arena.store,
    project: arena.project,
    candidate,
    treeKey: key,
    gates,
    code: await codeOf(arena, candidate),
    ...target,
  });
}
