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
  const [{ findRun, loadPromoted, loadRecord }, { assertProject }, { MainstemError }] =
    await Promise.all([
      import('../../platform/registry/index.ts'),
      import('../../platform/schemas/define/index.ts'),
      import('../../platform/lib/errors.ts'),
    ]);
  await assertProject(root, name);
  if (run !== undefined) {
    const found = await findRun(root, run, name);
    return loadRecord(root, found.model, found.run);
  }
  const promoted = await loadPromoted(root, name);
  if (!promoted) throw new MainstemError('MODEL_NOT_PROMOTED', { model: name });
  return promoted.record;
}
