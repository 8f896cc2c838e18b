import type { Parameters } from '../../../platform/schemas/define/index.ts';
import type { Task } from '../../../platform/schemas/index.ts';
import { chooseTable } from './choose-table.ts';
import { epochsFor, type ProjectPlan } from './plan.ts';
import type { TableSurvey } from './survey-table.ts';
import { tableProperties } from './table-code.ts';
import { tableNotes } from './table-notes.ts';

/**
 * Plans the project of a table: what is chosen, as code and with what a person should look at.
 *
 * @param task null has it chosen: regression for numbers with many values
 * @throws MainstemError INIT_TASK_MISMATCH, INIT_NO_FEATURES
 */
export function planTable(from: string, survey: TableSurvey, task: Task | null): ProjectPlan {
  const choices = chooseTable(from, survey, task);
  return {
    task: choices.task,
    template: choices.trees ? null : 'mlp',
    parameters: choices.trees ? treesParameters : networkParametersFor(survey),
    properties: tableProperties(survey, choices),
    notes: tableNotes(survey, choices),
  };
}

const treesParameters: Parameters = {
  seed: 7,
  learningRate: 0.1,
  earlyStopping: 50,
  thresholds: { acceptance: 0.95 },
  model: { trees: 1000, leaves: 31, minimumRows: 20, l2: 1, bins: 255, columnShare: 0.8 },
};

function networkParametersFor({ rows }: TableSurvey): Parameters {
  const batchSize = rows < 2000 ? 32 : 128;
  const epochs = epochsFor({ examples: rows, batchSize, steps: 4000 }, [10, 200]);
  return {
    seed: 7,
    epochs,
    batchSize,
    learningRate: 0.003,
    learningRateSchedule: 'cosine',
    earlyStopping: Math.max(5, Math.ceil(epochs / 5)),
    classWeights: 'none',
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: { hidden: rows < 2000 ? [32, 16] : [64, 32], dropout: 0.1 },
  };
}
