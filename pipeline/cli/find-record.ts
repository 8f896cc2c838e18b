import type { ModelRecord } from '../../platform/schemas/index.ts';

/**
 * The record of a project's run, or of the one that serves.
 *
 * @throws MainstemError MODEL_NOT_PROMOTED, MODEL_RUN_UNKNOWN, PROJECT_UNKNOWN
 */
export async function findRecord(
  root: string,
  name: string,
  run: string | undefined,
): Promise<ModelRecord> {
  const [registry, { assertProject }] = await Promise.all([
    import('../../platform/registry/index.ts'),
    import('../../platform/schemas/define/index.ts'),
  ]);
  await assertProject(root, name);
  return registry.findRecord(root, name, run);
}
