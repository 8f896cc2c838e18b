import { missingArtefacts, type PromotedModel } from '../../platform/registry/index.ts';
import { type Champion, championOf } from '../champion.ts';
import type { ProjectContext } from '../context.ts';

/**
 * What serves, and whether what a comparison needs of it is in the store. On a fresh clone without a remote the
 * champion is known by its record only; then nothing may pass for "no champion yet".
 */
export async function comparableChampion(
  { store, workspace }: ProjectContext,
  promoted: PromotedModel | null,
): Promise<Champion> {
  if (!promoted) return championOf(null);
  const { record } = promoted;
  const missing = await missingArtefacts(store, record);
  if (missing.length === 0) return championOf(record);
  const names = missing.map(({ name }) => name).join(', ');
  workspace.reporter.warn(
    `${record.model} ${record.run} is promoted, but the store has no undamaged ${names} of it: nothing to compare with. ` +
      `"npx mainstem pull" fetches it, "npx mainstem reproduce ${record.run}" rebuilds it.`,
  );
  return {
    record,
    incomparable: `the store has no undamaged ${names} of ${record.run}, which serves`,
  };
}
