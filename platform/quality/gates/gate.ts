import type { Static, TObject } from 'typebox';
import { Check } from 'typebox/value';
import type {
  Comparison,
  EvaluateOutput,
  GateResult,
  HeldBackComparison,
  MetricInterval,
  PackageOutput,
  Task,
} from '../../schemas/index.ts';

/** The facts that gates judge by. Nothing is measured here: all of it comes from stages and from the comparison. */
export interface GateFacts {
  readonly candidate: EvaluateOutput;
  /** The model that serves now; null for the first, and for one that cannot be compared. */
  readonly champion: EvaluateOutput | null;
  /** Why the model that serves cannot be compared; null where it can be, and where nothing serves. */
  readonly incomparable: string | null;
  /** Candidate against champion on the same examples; null without champion. */
  readonly comparison: Comparison | null;
  /** Size and latency of the file that would serve. */
  readonly package: PackageOutput;
  /** The project's slices, with the number of examples from which one is judged. */
  readonly slices: readonly { readonly column: string; readonly minimumCount: number }[];
}

/** What was found on the examples that are held back for promotions. */
export interface HeldBackFacts {
  readonly examples: number;
  readonly metrics: readonly MetricInterval[];
  readonly comparison: HeldBackComparison | null;
  /** Why the model that serves cannot be compared; null where it can be, and where nothing serves. */
  readonly incomparable: string | null;
}

/** What a gate's limits are checked against: the parts of a definition that decide what can be judged. */
export interface GateScope {
  readonly task: Task;
  /** Whether the project has a set of inputs that must be refused. */
  readonly outOfDistribution: boolean;
  /** Whether the project names slices. */
  readonly slices: boolean;
}

/** What is wrong with a gate. */
export interface GateMistake {
  /** The key that is wrong; empty for the gate as a whole. */
  readonly key: string;
  /** Follows the key: `is 3, but must be …`. */
  readonly reason: string;
}

/** What one file says of its kind of gate. */
export interface GateRules<Schema extends TObject> {
  /** For example `metric floor`. */
  readonly name: string;
  /** What it demands, as one sentence for the documentation. */
  readonly sentence: string;
  /** How it is written in project.ts; each property with a description. */
  readonly schema: Schema;
  readonly example: Static<Schema>;
  /** Finds what the schema cannot say: whether a project like this can be judged by the gate at all. */
  readonly check?: (gate: Static<Schema>, scope: GateScope) => GateMistake | null;
  /** Judges a candidate. What cannot be judged fails and says what is missing. */
  readonly judge: (gate: Static<Schema>, facts: GateFacts) => GateResult;
  /**
   * Judges a candidate on what is held back: it fails only if it is shown to miss the limit. Left out by kinds that few examples
   * say nothing of.
   */
  readonly judgeHeldBack?: (gate: Static<Schema>, facts: HeldBackFacts) => GateResult | null;
}

/** A kind of gate, so that all kinds look alike: `check` and `judge` ignore gates of other kinds. */
export interface GateKind<Schema extends TObject = TObject> {
  readonly name: string;
  readonly sentence: string;
  readonly schema: Schema;
  readonly example: Static<Schema>;
  /** @returns null if nothing is wrong, or if the gate is of another kind */
  readonly check: (gate: unknown, scope: GateScope) => GateMistake | null;
  /** @returns null if the gate is of another kind */
  readonly judge: (gate: unknown, facts: GateFacts) => GateResult | null;
  /** @returns null if the gate is of another kind, or says nothing of held-back examples */
  readonly judgeHeldBack: (gate: unknown, facts: HeldBackFacts) => GateResult | null;
}

/**
 * Declares a kind of gate.
 *
 * @example
 * defineGate({
 *   name: 'package size',
 *   sentence: 'The packaged model has at most so many bytes.',
 *   schema: Type.Object({ modelBytes: Type.Number() }, { additionalProperties: false }),
 *   example: { modelBytes: 2_000_000 },
 *   judge: ({ modelBytes }, facts) => …,
 * })
 */
export function defineGate<Schema extends TObject>(rules: GateRules<Schema>): GateKind<Schema> {
  const { schema, check, judge, judgeHeldBack } = rules;
  return {
    ...rules,
    check: (gate, scope) => (check && Check(schema, gate) ? check(gate, scope) : null),
    judge: (gate, facts) => (Check(schema, gate) ? judge(gate, facts) : null),
    judgeHeldBack: (gate, facts) =>
      judgeHeldBack && Check(schema, gate) ? judgeHeldBack(gate, facts) : null,
  };
}
