import { MainstemError } from '../lib/errors.ts';
import { headCommit } from '../lib/git.ts';
import type { BlobStore, ModelPointer } from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { history, rollbackTrailer, type Tenure } from './history.ts';
import { type Channel, pointerPath } from './paths.ts';
import { loadRecord, readPointer } from './read.ts';
import { applyTreeChange, committedJson } from './write.ts';

export interface Rollback {
  readonly root: string;
  readonly store: BlobStore;
  readonly model: string;
  readonly channel: Channel;
  /** First digits of the run to go back to; left out, the run that served before the present one. */
  readonly to?: string;
  readonly commit: boolean;
}

export interface RolledBack {
  readonly from: string;
  readonly pointer: ModelPointer;
  readonly commit: string | null;
}

/**
 * Points back to a run that served before. Only the pointer changes: records are never deleted.
 *
 * @throws MainstemError ROLLBACK_NOTHING, ROLLBACK_UNKNOWN_RUN, PROMOTE_ARTEFACT_MISSING, MODEL_RECORD_MISSING
 */
export async function rollback(request: Rollback): Promise<RolledBack> {
  const { root, model, channel, store } = request;
  const present = await readPointer(root, model, channel);
  const pointer = await earlierPointer(request, present);
  const record = await loadRecord(root, model, pointer.run, pointer.record);
  const missing = await missingArtefacts(store, record);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new MainstemError('PROMOTE_ARTEFACT_MISSING', {
      model,
      run: pointer.run,
      missing: names,
    });
  }
  const from = present?.run ?? 'nothing';
  const subject = `Roll back ${model} from ${from} to ${pointer.run}`;
  const message = request.commit ? `${subject}\n\n${rollbackTrailer}` : null;
  const files = { [pointerPath(model, channel)]: committedJson(pointer) };
  const commit = await applyTreeChange(root, { files, include: [], message });
  return { from, pointer, commit };
}

async function earlierPointer(
  { root, model, channel, to }: Rollback,
  present: ModelPointer | null,
): Promise<ModelPointer> {
  const tenures = (await headCommit(root)) === null ? [] : await history(root, model, channel);
  const others = tenures
    .flatMap(({ pointer }) => pointer ?? [])
    .filter((pointer) => pointer.run !== present?.run);
  if (others.length === 0) throw new MainstemError('ROLLBACK_NOTHING', { model });
  if (to === undefined) {
    const before = standing(tenures).findLast((pointer) => pointer.run !== present?.run);
    if (!before) throw new MainstemError('ROLLBACK_NOTHING', { model });
    return before;
  }
  const found = others.find((pointer) => pointer.run.startsWith(to));
  if (found) return found;
  const known = [...new Set(others.map((pointer) => pointer.run))].join(', ');
  throw new MainstemError('ROLLBACK_UNKNOWN_RUN', { model, run: to, known });
}

/**
 * The promotions that still stand, oldest first: what was rolled back from is gone, so that rolling back twice
 * goes two steps back instead of forward again. @param tenures newest first
 */
function standing(tenures: readonly Tenure[]): ModelPointer[] {
  const stack: ModelPointer[] = [];
  for (const { kind, pointer } of [...tenures].reverse()) {
    if (!pointer) continue;
    if (kind === 'rollback') {
      const at = stack.findLastIndex(({ run }) => run === pointer.run);
      stack.splice(at + 1);
    } else stack.push(pointer);
  }
  return stack;
}
