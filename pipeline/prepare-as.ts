import { ownValue } from '../platform/lib/own-value.ts';
import { parseRecordedParameters } from '../platform/schemas/define/index.ts';
import { type ModelRecord, type PrepareOutput, stages } from '../platform/schemas/index.ts';
import type { Part } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';
import { createFlow, type Flow, type Handle } from './engine/index.ts';
import { prepareStage } from './prepare/index.ts';

/** A flow for an earlier model, and its data as that model takes it. */
export interface PreparedAs {
  readonly flow: Flow;
  /** Null where the lock has no such dataset any more. */
  readonly prepared: Handle<PrepareOutput> | null;
}

/**
 * Declares the preparation of the present data as an earlier model was trained: with its parameters, and with what was
 * fitted on its training rows.
 *
 * @param part what is held back, as a test split, instead of everything else
 */
export function prepareAs(context: ProjectContext, model: ModelRecord, part?: Part): PreparedAs {
  const { workspace, store, lock, project } = context;
  const { definition } = project;
  const path = `the parameters of ${model.run}`;
  const kind = model.training.kind ?? 'network';
  const parameters = parseRecordedParameters(model.parameters, kind, path);
  const flow = createFlow({ workspace, store, project: { ...project, parameters } });
  const dataset = ownValue(lock.datasets, definition.data.name);
  if (!dataset) return { flow, prepared: null };
  const inputs = {
    ...{ dataset, split: definition.split, classes: model.classes, fitted: model.prepared },
    ...(definition.table && { table: definition.table }),
    ...(part && { part }),
  };
  const stage = { ...stages.prepare, ...prepareStage };
  return { flow, prepared: flow.stage(stage, inputs, { as: 'prepare-champion' }) };
}
