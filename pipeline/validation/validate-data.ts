import { MainstemError } from '../../platform/lib/errors.ts';
import type { Finding, ValidateOutput } from '../../platform/schemas/index.ts';
// Types only: the engine is not part of this stage's code.
import type { StageContext } from '../engine/index.ts';
import { checkImages } from './check-images.ts';
import { checkTable } from './check-table.ts';
import type { ValidateInputs } from './inputs.ts';
import type { FolderSubject } from './subjects.ts';

type Context = Pick<StageContext, 'workspace' | 'store'>;

/**
 * Does every check of a project's data.
 *
 * @param backbone the promoted model that is learnt from
 * @throws MainstemError what the stage says
 */
export async function validateData(
  { workspace, store }: Context,
  inputs: ValidateInputs,
  backbone?: FolderSubject['backbone'],
): Promise<ValidateOutput> {
  const { checked, findings } = await checkDataset({ workspace, store }, inputs, backbone);
  const sorted = findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
  const errors = sorted.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return { checked, findings: sorted };
  throw new MainstemError('VALIDATION_FAILED', {
    path: inputs.dataset.path,
    summary: errors.map(({ code, message }) => `\n  ${code} ${message}`).join(''),
    checked,
    findings: sorted,
  });
}

const rank: Readonly<Record<Finding['severity'], number>> = { error: 0, warning: 1, info: 2 };

function checkDataset(
  { workspace, store }: Context,
  inputs: ValidateInputs,
  backbone: FolderSubject['backbone'],
): Promise<ValidateOutput> {
  const { dataset, task, table } = inputs;
  const { path, kind } = dataset;
  if (task === 'image-classification') {
    if (kind === 'images') return checkImages({ workspace, store }, inputs, backbone);
    throw new MainstemError('DATA_INVALID', { path, reason: 'is a file; photos need a folder' });
  }
  if (kind === 'table' && table) return checkTable(store, inputs, table);
  throw new MainstemError('DATA_INVALID', {
    path,
    reason: 'is not a CSV file with a table definition',
  });
}
