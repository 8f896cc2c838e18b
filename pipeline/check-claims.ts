import { renderMetric } from '../platform/quality/index.ts';
import { isAlike } from '../platform/registry/index.ts';
import type { EvaluateOutput, GateResult } from '../platform/schemas/index.ts';

type Metrics = EvaluateOutput['metrics'];

/** What a record says of one thing: numbers that belong together, and how they are shown. */
export interface Claim {
  readonly name: string;
  readonly values: readonly number[];
  readonly text: string;
}

/** A failed gate for each metric that is stated otherwise than it was measured. */
export function checkClaims(stated: Metrics, measured: Metrics): GateResult[] {
  return compareClaims(stated.map(metricClaim), measured.map(metricClaim));
}

/** A failed gate for each claim that is stated otherwise than it was measured, or was not measured at all. */
export function compareClaims(stated: readonly Claim[], measured: readonly Claim[]): GateResult[] {
  const found = new Map(measured.map((claim) => [claim.name, claim]));
  return stated.flatMap((claim) => {
    const here = found.get(claim.name);
    return here && isAlike(claim.values, here.values) ? [] : [denyClaim(claim, here?.text)];
  });
}

/** The failed gate of a claim. @param measured how the truth is shown; left out, nothing was measured */
export function denyClaim({ name, text }: Claim, measured = 'nothing'): GateResult {
  const message = `${name} is stated as ${text}, measured was ${measured}`;
  return { gate: `${name} as stated`, passed: false, message, of: name, limit: 'as stated' };
}

/**
 * The failed gate of something that is not measured. @param found continues the sentence: `which is after now`
 *
 * @example denyStatement('time', '2099-01-01', 'which is after now').message // 'time is stated as 2099-01-01, which is after now'
 */
export function denyStatement(name: string, text: string, found: string): GateResult {
  const message = `${name} is stated as ${text}, ${found}`;
  return { gate: `${name} as stated`, passed: false, message, of: name, limit: 'as stated' };
}

/** A metric as a claim. */
export function metricClaim({ name, value }: Pick<Metrics[number], 'name' | 'value'>): Claim {
  return { name, values: [value], text: renderMetric(name, value) };
}
