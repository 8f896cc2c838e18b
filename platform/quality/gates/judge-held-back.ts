import type { GateResult } from '../../schemas/index.ts';
import type { HeldBackFacts } from './gate.ts';
import { type Gate, gateKinds } from './index.ts';
import { limitsLoss } from './not-worse.ts';

/**
 * Judges a candidate by what was found on the examples that are held back for promotions. They are few, and the test split has
 * been asked before: so a gate fails only if the limit is shown to be missed. Where none says how much worse than the
 * champion a model may be by the metric that decides, one that is shown to be worse fails.
 */
export function judgeHeldBack(gates: readonly Gate[], facts: HeldBackFacts): GateResult[] {
  const results = gates.flatMap((gate) =>
    gateKinds.flatMap((kind) => kind.judgeHeldBack(gate, facts) ?? []),
  );
  return limitsLoss(gates) ? results : [judgeVerdict(facts), ...results];
}

function judgeVerdict({ comparison, incomparable }: HeldBackFacts): GateResult {
  const gate = 'not shown to be worse';
  if (incomparable !== null) return { gate, passed: true, message: `cannot tell: ${incomparable}` };
  if (!comparison) return { gate, passed: true, message: 'no champion yet' };
  const { champion, verdict, reason } = comparison;
  const message = `${verdict} against ${champion}: ${reason}`;
  return { gate, passed: verdict !== 'worse', message };
}
