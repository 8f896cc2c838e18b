import { loadObjectives, type Objectives } from '../../../monitoring/index.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { listSome, showName } from '../../../platform/lib/text.ts';
import { normalQuantile, scoreInterval } from '../../../platform/quality/index.ts';
import { loadPromoted } from '../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import {
  compareWithProfile,
  type DriftState,
  type PropertyDrift,
  worstState,
} from '../../compare-with-profile.ts';
import type { ProjectContext } from '../../context.ts';
import { countInputs, type DriftSource, type Inputs, readInputs } from './inputs.ts';
import { measureInputs } from './measure-inputs.ts';

/** How inputs compare with what the promoted model was measured on. */
export interface DriftReport {
  readonly project: string;
  /** The run whose reference profile it is. */
  readonly run: string;
  readonly state: DriftState;
  readonly inputs: number;
  /** Photos that cannot be decoded. */
  readonly unreadable: number;
  /** Whether there are more of them than the objective allows. */
  readonly tooManyUnreadable: boolean;
  /** Columns of the model that no input has, not even empty. */
  readonly absent: readonly string[];
  /** Lines of a journal of feedback that do not count, as a killed server leaves them. */
  readonly unfinished: readonly string[];
  /** Below which there is no verdict. */
  readonly fewestInputs: number;
  readonly properties: readonly PropertyDrift[];
}

/**
 * Compares inputs with the reference profile of the model that production names, by the objectives of monitoring.
 *
 * @throws MainstemError MODEL_NOT_PROMOTED, OBJECTIVES_INVALID, STORE_MISSING, DATA_INVALID, INPUTS_UNFIT, FEEDBACK_MISSING,
 *   JSON_INVALID, FILE_UNREADABLE
 */
export async function measureDrift(
  context: ProjectContext,
  source: DriftSource,
): Promise<DriftReport> {
  const { workspace, project } = context;
  const { name } = project.definition;
  const promoted = await loadPromoted(workspace.root, name);
  if (!promoted) throw new MainstemError('MODEL_NOT_PROMOTED', { model: name });
  const { record } = promoted;
  const { inputs, unfinished } = await readInputs(context, source);
  const absent = findAbsent(record, inputs);
  assertOfModel(record, source, { inputs, absent });
  const { properties, unreadable } = await measureInputs(context, record, inputs);
  const objectives = await loadObjectives();
  const judged = compareWithProfile(record.evaluation.profile, properties, objectives);
  const tooManyUnreadable = exceeds({ hits: unreadable, count: countInputs(inputs) }, objectives);
  return {
    ...{ project: name, run: record.run },
    state: tooManyUnreadable ? 'drift' : worstState(judged),
    ...{ inputs: countInputs(inputs), unreadable, tooManyUnreadable },
    ...{ absent, unfinished },
    fewestInputs: objectives.fewestInputs,
    properties: judged,
  };
}

function columnsOf({ preprocessing }: ModelRecord): string[] {
  return preprocessing.kind === 'table' ? preprocessing.columns.map(({ name }) => name) : [];
}

function findAbsent(record: ModelRecord, inputs: Inputs): string[] {
  if (countInputs(inputs) === 0) return [];
  const found = new Set(inputs.kind === 'rows' ? inputs.rows.names : []);
  return columnsOf(record).filter((name) => !found.has(name));
}

/** Most likely another file was meant: what has nothing of the model has not drifted. */
function assertOfModel(
  record: ModelRecord,
  source: DriftSource,
  { inputs, absent }: { readonly inputs: Inputs; readonly absent: readonly string[] },
): void {
  if (source.kind !== 'files' || inputs.kind !== 'rows') return;
  if (absent.length < columnsOf(record).length) return;
  const [lacking, found] = [absent, inputs.rows.names].map((names) =>
    listSome(
      names.map((name) => showName(name)),
      { most: 5 },
    ),
  );
  const reason = `it has none of the model's columns, ${lacking}; it has ${found}`;
  throw new MainstemError('INPUTS_UNFIT', { path: source.path, reason });
}

/** Whether a share is shown to be above the objective for unreadable inputs, as the alert decides it. */
function exceeds(
  { hits, count }: { readonly hits: number; readonly count: number },
  { rejected, falseAlarms, fewestInputs }: Objectives,
): boolean {
  const { low } = scoreInterval(hits, count, normalQuantile(1 - falseAlarms));
  return count >= fewestInputs && low > rejected;
}
