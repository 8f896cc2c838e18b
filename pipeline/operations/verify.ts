import { type CheckResult, loadRecord, verify } from '../../platform/registry/index.ts';
import { challenge } from '../challenge.ts';
import { championOf } from '../champion.ts';
import type { ProjectContext } from '../context.ts';
import { computeRunKey } from '../run-key.ts';

/**
 * Runs all checks of a model's production pointer against a base revision.
 *
 * @returns one result per check; none if nothing is promoted
 * @throws MainstemError what {@link computeRunKey} and {@link challenge} throw
 */
export async function verifyModel(context: ProjectContext, base: string): Promise<CheckResult[]> {
  const { root } = context.workspace;
  const model = context.project.definition.name;
  return verify({
    ...{ root, store: context.store, model, channel: 'production', base },
    treeKey: async (record) => (await computeRunKey(context, { record })).key,
    gatesAgainst: async (record, run) => {
      const champion =
        run === null || run === record.run ? null : await loadRecord(root, model, run);
      return (await challenge(context, record, championOf(champion))).gates;
    },
  });
}
