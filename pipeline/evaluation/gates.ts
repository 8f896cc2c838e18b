import type {
  Budgets,
  GateDefinition,
  SliceDefinition,
} from '../../platform/schemas/define/index.ts';
import type {
  Comparison,
  EvaluateOutput,
  GateResult,
  PackageOutput,
  SliceResult,
} from '../../platform/schemas/index.ts';

/** What the gates look at. */
export interface GateInputs {
  readonly gates: readonly GateDefinition[];
  readonly slices: readonly SliceDefinition[];
  readonly candidate: EvaluateOutput;
  /** The model that serves now; null for the first. */
  readonly champion: EvaluateOutput | null;
  /** Candidate against champion on the same examples; null without champion. */
  readonly comparison: Comparison | null;
  readonly package: PackageOutput;
  readonly budgets: Budgets;
}

/**
 * Checks the project's gates, then the budgets. Where a gate cannot be judged it fails and says what is
 * missing: nothing is promoted unseen.
 *
 * @returns one result a gate, in the project's order
 */
export function checkGates(inputs: GateInputs): GateResult[] {
  return [
    ...inputs.gates.map((gate) => checkGate(gate, inputs)),
    sizeGate(inputs),
    latencyGate(inputs),
  ];
}

function checkGate(gate: GateDefinition, inputs: GateInputs): GateResult {
  const { metric = '', slices, atLeast, atMost = 0, notWorseBy } = gate;
  if (slices !== undefined) return sliceGate(atLeast ?? 0, inputs);
  if (notWorseBy !== undefined) return notWorseGate(notWorseBy, inputs);
  const value = inputs.candidate.metrics.find(({ name }) => name === metric)?.value;
  if (value === undefined) return unknownMetric(metric, inputs);
  return atLeast !== undefined
    ? bound(metric, value, atLeast, 'floor')
    : bound(metric, value, atMost, 'ceiling');
}

function bound(
  metric: string,
  value: number,
  limit: number,
  kind: 'floor' | 'ceiling',
): GateResult {
  const passed = kind === 'floor' ? value >= limit : value <= limit;
  const sign = kind === 'floor' ? (passed ? '≥' : '<') : passed ? '≤' : '>';
  const shown = text(value) === text(limit) ? String(value) : text(value);
  return { gate: metric, passed, message: `${metric} ${shown} ${sign} ${text(limit)}` };
}

function unknownMetric(metric: string, { candidate }: GateInputs): GateResult {
  const known = candidate.metrics.map(({ name }) => name).join(', ');
  const message = `there is no metric "${metric}"; known: ${known}`;
  return { gate: metric, passed: false, message };
}

/**
 * Non-inferiority: the lower end of the difference's 95 % interval must lie above −margin. Without a single
 * example that became wrong it passes whatever the interval says, so that the same model passes again.
 */
function notWorseGate(margin: number, { champion, comparison }: GateInputs): GateResult {
  const gate = 'accuracy not worse';
  if (!champion) return { gate, passed: true, message: 'no champion yet' };
  if (!comparison || comparison.examples === 0) {
    const message = 'cannot tell: champion and candidate share no test example';
    return { gate, passed: false, message };
  }
  const { difference, low, high, broken, examples } = comparison;
  if (broken === 0) {
    const message = `no example became wrong (${points(difference)} on ${examples} shared examples)`;
    return { gate, passed: true, message };
  }
  const passed = low > -margin;
  const interval = `accuracy ${points(difference)}, 95 % ${points(low)} to ${points(high)}`;
  const limit = points(-margin);
  const judgement = passed
    ? `above ${limit}`
    : high < -margin
      ? `below ${limit}`
      : `${examples} shared examples cannot rule out ${limit}`;
  return { gate, passed, message: `${interval}: ${judgement}` };
}

function sliceGate(floor: number, { slices, candidate }: GateInputs): GateResult {
  const gate = 'slices';
  const judged = candidate.slices.filter((result) => result.count >= minimumOf(result, slices));
  const [lowest] = judged.sort((a, b) => accuracyOf(a) - accuracyOf(b));
  if (!lowest) return { gate, passed: true, message: 'no slice has enough examples to be judged' };
  const passed = accuracyOf(lowest) >= floor;
  const sign = passed ? '≥' : '<';
  const where = `${lowest.slice} ${lowest.value}, ${lowest.count} examples`;
  const message = `lowest slice accuracy ${text(accuracyOf(lowest))} ${sign} ${text(floor)} (${where})`;
  return { gate, passed, message };
}

function minimumOf(result: SliceResult, slices: readonly SliceDefinition[]): number {
  return slices.find(({ column }) => column === result.slice)?.minimumCount ?? 0;
}

function accuracyOf(result: SliceResult): number {
  return result.accuracy?.value ?? Number.POSITIVE_INFINITY;
}

function sizeGate({ package: { onnx }, budgets }: GateInputs): GateResult {
  const passed = onnx.bytes <= budgets.modelBytes;
  const sizes = `${megabytes(onnx.bytes)} ${passed ? '≤' : '>'} ${megabytes(budgets.modelBytes)}`;
  return { gate: 'package size', passed, message: `package size ${sizes}` };
}

function latencyGate({ package: { latencyMs }, budgets }: GateInputs): GateResult {
  const passed = latencyMs.p95 <= budgets.latencyMs;
  const times = `${text(latencyMs.p95)} ms ${passed ? '≤' : '>'} ${text(budgets.latencyMs)} ms`;
  return { gate: 'latency', passed, message: `latency p95 ${times}` };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** Accuracy as percentage points with its sign. */
function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} pp`;
}

function text(value: number): string {
  return String(Number(value.toFixed(4)));
}
