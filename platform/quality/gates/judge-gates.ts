import type { GateResult } from '../../schemas/index.ts';
import type { GateFacts } from './gate.ts';
import { type Budgets, type Gate, gateKinds } from './index.ts';

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
  return [...gates, ...limits].map((gate) => judgeGate(gate, facts));
}

function judgeGate(gate: unknown, facts: GateFacts): GateResult {
  const [result] = gateKinds.flatMap((kind) => kind.judge(gate, facts) ?? []);
  if (result) return result;
  const message = `no kind of gate has the form ${JSON.stringify(gate)}`;
  return { gate: 'unknown', passed: false, message };
}
