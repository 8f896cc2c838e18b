import { missingArtefacts, type PromotedModel } from '../../platform/registry/index.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';

/**
 * The champion's record, if what a comparison needs of it is in the store; otherwise null, with a warning. On a
 * fresh clone without a remote the champion is known by its record only.
 */
export async function comparableChampion(
  { store, workspace }: ProjectContext,
  promoted: PromotedModel | null,
): Promise<ModelRecord | null> {
  if (!promoted) return null;
  const { record } = promoted;
  const missing = await missingArtefacts(store, record);
  if (missing.length === 0) return record;
  const names = missing.map(({ name }) => name).join(', ');
  workspace.reporter.warn(
    `${record.model} ${record.run} is promoted, but the store lacks its ${names}: nothing to compare with. ` +
      `"npx mainstem pull" fetches it, "npx mainstem reproduce ${record.run}" rebuilds it.`,
  );
  return null;
}
