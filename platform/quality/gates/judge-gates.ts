import type { GateResult } from '../../schemas/index.ts';
import type { GateFacts } from './gate.ts';
import { type Budgets, type Gate, gateKinds } from './index.ts';
import { limitsLoss } from './not-worse.ts';

/** A project's gates and budgets, and what they judge by. */
export interface GateInputs extends GateFacts {
  readonly gates: readonly Gate[];
  readonly budgets: Budgets;
}

/**
 * Judges a candidate by the project's gates, then by its budgets. Where a gate cannot be judged it fails and
 * says what is missing: nothing is promoted unseen.
 *
 * @returns one result per gate, in the project's order
 */
export function judgeGates({ gates, budgets, ...facts }: GateInputs): GateResult[] {
  const limits = Object.entries(budgets).map(([key, limit]) => ({ [key]: limit }));
  const results = [...gates, ...limits].map((gate) => judgeGate(gate, facts));
  const reviewed = gates.length === 0 || limitsLoss(gates);
  return reviewed ? results : [...judgeUnlimitedLoss(facts), ...results];
}

/**
 * Where gates judge, but none says how much worse a model may be by the metric that decides, none that is shown to be worse
 * passes. Without any gate only people judge: the report's first line tells them the verdict.
 */
function judgeUnlimitedLoss({ comparison }: GateFacts): GateResult[] {
  if (comparison?.verdict !== 'worse') return [];
  const message = `worse than the champion; a gate of ${comparison.metric} with notWorseBy says how much is accepted`;
  return [{ gate: `${comparison.metric} not worse`, passed: false, message }];
}

function judgeGate(gate: unknown, facts: GateFacts): GateResult {
  const [result] = gateKinds.flatMap((kind) => kind.judge(gate, facts) ?? []);
  if (result) return result;
  const message = `no kind of gate has the form ${JSON.stringify(gate)}`;
  return { gate: 'unknown', passed: false, message };
}
