import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { assertBorn } from '../lib/git.ts';
import { readTextIfThere } from '../lib/read-text.ts';
import { abbreviate, listSome } from '../lib/text.ts';
import type { ModelPointer } from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { textAtHead } from './committed.ts';
import {
  changedFiles,
  projectFolder,
  readProjectState,
  stateDifferences,
} from './project-state.ts';
import type { Promotion } from './promotion.ts';

/**
 * Whether a candidate may be promoted at all: it is of this tree, whole, and passed its gates.
 *
 * @throws MainstemError PROMOTE_STALE, PROMOTE_ARTEFACT_MISSING, PROMOTE_CLOCK, GATE_FAILED, PROMOTE_DIRTY
 */
export async function assertPromotable(promotion: Promotion): Promise<void> {
  const { candidate, treeKey, store, gates } = promotion;
  const facts = { model: candidate.model, run: candidate.run };
  if (candidate.key !== treeKey) {
    throw new MainstemError('PROMOTE_STALE', { ...facts, tree: abbreviate(treeKey) });
  }
  const missing = await missingArtefacts(store, candidate);
  if (missing.length > 0) {
    const names = missing.map(({ name, artefact }) => `${name} ${artefact.digest}`).join(', ');
    throw new MainstemError('PROMOTE_ARTEFACT_MISSING', { ...facts, missing: names });
  }
  const failed = gates.filter((gate) => !gate.passed);
  if (failed.length > 0) {
    const messages = failed.map((gate) => gate.message).join('; ');
    if (failed.every(({ of }) => of === 'time') && Date.parse(candidate.createdAt) > Date.now())
      throw new MainstemError('PROMOTE_CLOCK', { ...facts, reason: messages });
    throw new MainstemError('GATE_FAILED', { ...facts, failed: messages });
  }
  if (promotion.commit) await assertCodeCommitted(promotion);
}

/** Another promotion or a rollback may have come first while this candidate was judged. */
export function assertSameChampion(
  { candidate, champion }: Promotion,
  serving: ModelPointer | null,
): void {
  const found = serving?.run ?? null;
  if (champion === undefined || found === champion || found === candidate.run) return;
  const facts = { model: candidate.model, run: candidate.run };
  throw new MainstemError('PROMOTE_OVERTAKEN', { ...facts, found: found ?? 'nothing' });
}

/** Platform code that differs from HEAD would make the promotion commit unable to rebuild its own model. */
async function assertCodeCommitted({ root, code, candidate }: Promotion): Promise<void> {
  await assertBorn(root);
  const own = projectFolder(candidate.model);
  const changed = await changedFiles(
    root,
    [...code].filter((path) => !path.startsWith(own)),
  );
  if (changed.length > 0) {
    const facts = { model: candidate.model, run: candidate.run, files: listSome(changed) };
    throw new MainstemError('PROMOTE_DIRTY', facts);
  }
}

/** Parameters, lock and code that somebody saved since they were read would be committed beside a model of the old ones. */
export async function assertProjectUnchanged({ root, candidate, state }: Promotion): Promise<void> {
  if (!state) return;
  const changed = stateDifferences(state, await readProjectState(root, candidate.model));
  if (changed.length === 0) return;
  const facts = { model: candidate.model, run: candidate.run, files: changed.join(', ') };
  throw new MainstemError('PROMOTE_CHANGED', facts);
}

/** A record that is in git already counts as it is there: who changes it would be promoting other numbers. */
export async function assertRecordKept(root: string, path: string): Promise<void> {
  const committed = await textAtHead(root, path);
  if (committed === null) return;
  const text = await readTextIfThere(join(root, path), path);
  if (text?.replaceAll('\r\n', '\n').trimEnd() === committed.trimEnd()) return;
  const found = text === null ? 'nothing' : 'another';
  const facts = { path, expected: 'the text that HEAD has', found };
  throw new MainstemError('MODEL_RECORD_CHANGED', facts);
}
