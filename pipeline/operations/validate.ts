import { isMainstemError } from '../../platform/lib/errors.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { ValidateOutput } from '../../platform/schemas/index.ts';
import { assertOneDefinition } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { type RunRequest, run } from './run.ts';

/**
 * Validates the locked data of a project and nothing else. Errors are findings here, not thrown.
 *
 * @throws MainstemError what {@link run} throws, except VALIDATION_FAILED; DATA_CONTRADICTED
 */
export async function validate(
  context: ProjectContext,
  { force = false, remote }: Pick<RunRequest, 'force' | 'remote'> = {},
): Promise<ValidateOutput> {
  await assertOneDefinition(context.workspace.root, [context.project]);
  const options = { backend: 'auto', to: 'validate', force } as const;
  try {
    const { validation } = await run(context, { ...options, ...(remote && { remote }) });
    return validation ?? { checked: 0, findings: [] };
  } catch (error) {
    if (!isMainstemError(error, 'VALIDATION_FAILED')) throw error;
    return parseValue(error.details, ValidateOutput, 'the findings');
  }
}
