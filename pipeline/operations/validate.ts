import { isMainstemError } from '../../platform/lib/errors.ts';
import { checkJson } from '../../platform/lib/json.ts';
import { loadProject } from '../../platform/schemas/define/index.ts';
import { ValidateOutput, type Workspace } from '../../platform/schemas/index.ts';
import { runPipeline } from '../run.ts';

/**
 * Validates the locked data of a project and nothing else. Errors are findings here, not thrown.
 *
 * @throws MainstemError DATA_UNLOCKED, and what loading the project throws.
 */
export async function validateProject(
  workspace: Workspace,
  name: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<ValidateOutput> {
  const project = await loadProject(workspace.root, name);
  const options = { backend: 'auto', to: 'validate', force } as const;
  try {
    const { validation } = await runPipeline(workspace, project, options);
    return validation ?? { checked: 0, findings: [] };
  } catch (error) {
    if (!isMainstemError(error, 'VALIDATION_FAILED')) throw error;
    return checkJson(error.details, ValidateOutput, 'the findings');
  }
}
