import { headCommit } from '../../platform/lib/git.ts';
import {
  type Channel,
  loadCommitted,
  loadPromoted,
  type Pointers,
  type PromotedModel,
  pointersDiffer,
  readPointers,
} from '../../platform/registry/index.ts';
import type { ModelPointer } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';
import { verifyPointer } from './verify.ts';

/** What a candidate is held against. */
export interface Serving {
  /** The pointer and its record; null if nothing serves. */
  readonly promoted: PromotedModel | null;
  /** The uncommitted pointer that `promoted` is; null if HEAD has it. */
  readonly pending: ModelPointer | null;
  /** Why the working tree's pointer does not count, in words that follow a colon; null if nothing is wrong with it. */
  readonly fault: string | null;
  readonly pointers: Pointers;
}

/**
 * What serves: the pointer that HEAD has. One that is in the working tree only, as `npm start` leaves it, counts if it passes
 * `verify` against HEAD, because `promote` then commits it first; otherwise anybody could lower the bar by editing a file.
 *
 * @param candidate a run whose own pointer in the working tree is not held against it
 * @throws MainstemError MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, MODEL_POINTER_FOREIGN, JSON_INVALID
 */
export async function loadServing(
  context: ProjectContext,
  channel: Channel,
  candidate?: string,
): Promise<Serving> {
  const { root } = context.workspace;
  const { name } = context.project.definition;
  const pointers = await readPointers(root, name, channel);
  const { committed, tree } = pointers;
  const known = { pointers, pending: null, fault: null };
  if (!pointersDiffer(pointers)) {
    return { ...known, promoted: await loadPromoted(root, name, channel) };
  }
  const head = committed && (await loadCommitted(root, committed));
  if (!tree) return { ...known, promoted: head, fault: 'it is missing' };
  if (tree.run === candidate) return { ...known, promoted: head };
  const fault = await faultOf(context, channel);
  if (fault !== null) return { ...known, promoted: head, fault };
  return { ...known, promoted: await loadPromoted(root, name, channel), pending: tree };
}

/** The checks that the working tree's pointer fails, as one text; null if it passes them all. */
async function faultOf(context: ProjectContext, channel: Channel): Promise<string | null> {
  const base = (await headCommit(context.workspace.root)) === null ? null : 'HEAD';
  const checks = await verifyPointer(context, { channel, base, isOfTree: false });
  const failed = checks.filter(({ passed }) => !passed).map(({ message }) => message);
  return failed.length > 0 ? `it would not pass "verify" (${failed.join('; ')})` : null;
}
