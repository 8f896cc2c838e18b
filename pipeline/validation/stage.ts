import { MainstemError } from '../../platform/lib/errors.ts';
import type { Finding, ValidateOutput } from '../../platform/schemas/index.ts';
// Types only: the engine is not part of this stage's code.
import type { StageContext, StageWork } from '../engine/index.ts';
import { checkImages } from './check-images.ts';
import { checkTable } from './check-table.ts';
import type { ValidateInputs } from './inputs.ts';

/**
 * Looks at all data before anything is learnt from it. Warnings are reported; an error stops the run, after
 * every check has run.
 *
 * @throws MainstemError VALIDATION_FAILED with `checked` and all `findings` in its details, DATA_INVALID
 */
export const validateStage: StageWork<ValidateInputs, ValidateOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 512 },
  async run({ workspace, store }, inputs) {
    const { checked, findings } = await checkDataset({ workspace, store }, inputs);
    const sorted = findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
    const errors = sorted.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return { checked, findings: sorted };
    throw new MainstemError('VALIDATION_FAILED', {
      path: inputs.dataset.path,
      summary: errors.map(({ code, message }) => `\n  ${code} ${message}`).join(''),
      checked,
      findings: sorted,
    });
  },
};

const rank: Readonly<Record<Finding['severity'], number>> = { error: 0, warning: 1, info: 2 };

function checkDataset(
  { workspace, store }: Pick<StageContext, 'workspace' | 'store'>,
  inputs: ValidateInputs,
): Promise<ValidateOutput> {
  const { dataset, task, table } = inputs;
  const { path, kind } = dataset;
  if (task === 'image-classification') {
    if (kind === 'images') return checkImages(workspace, store, inputs);
    throw new MainstemError('DATA_INVALID', { path, reason: 'is a file; photos need a folder' });
  }
  if (kind === 'table' && table) return checkTable(store, inputs, table);
  throw new MainstemError('DATA_INVALID', {
    path,
    reason: 'is not a CSV file with a table definition',
  });
}
