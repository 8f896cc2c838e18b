import { plural } from '../../platform/lib/plural.ts';
import {
  describeTraffic,
  findPointerFaults,
  isTrial,
  pointerPath,
  recordPath,
  renderJson,
} from '../../platform/registry/index.ts';
import type { Finding, ModelPointer, ModelRecord } from '../../platform/schemas/index.ts';
import type { Judgement } from './judge.ts';
import type { JudgedPointers } from './judged-pointers.ts';
import { type JudgedState, passed, stopped } from './judged-state.ts';

/** What is settled of a change without looking at what is held back. */
export interface Settled {
  readonly gates: JudgedState;
  readonly promotion: JudgedState;
  /** The files of the promotion that is due, path → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** A judgement, and the change that it is about. */
export interface JudgedCase {
  readonly candidate: ModelRecord;
  readonly judgement: Judgement;
  /** The pointer by which the candidate would serve. */
  readonly due: ModelPointer;
  readonly pointers: JudgedPointers;
  /** Whether the promotion can be put on the change's branch. */
  readonly writable: boolean;
}

/** Whether data may be trained on. */
export function dataState(findings: readonly Finding[]): JudgedState {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) return stopped(`${plural(errors.length, 'error')}: ${first.message}`);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return passed(
    warnings === 0 ? 'The data is valid.' : `Valid, with ${plural(warnings, 'warning')}.`,
  );
}

/** What follows from a judgement for the gates and the promotion. */
export function settleJudgement({
  candidate,
  judgement,
  due,
  pointers,
  writable,
}: JudgedCase): Settled {
  const gates = gateState(judgement, pointers);
  const nothing = { gates, files: {} };
  if (pointers.changed) {
    const place = { model: due.model, channel: pointers.channel };
    const [fault] = pointers.head ? findPointerFaults(pointers.head, place, candidate) : [];
    const allowed = promotionState(gates, due, pointers);
    const stop = allowed.state === 'success' && fault !== undefined;
    return { ...nothing, promotion: stop ? stopped(`The pointer ${fault}.`) : allowed };
  }
  if (judgement.gates.some((gate) => !gate.passed)) {
    return { ...nothing, promotion: passed('Nothing is promoted.') };
  }
  if (pointers.base?.record === due.record) {
    return { ...nothing, promotion: passed(`${candidate.run} serves already.`) };
  }
  if (!writable) {
    const hint = 'From a fork: a maintainer promotes it after the merge.';
    return { ...nothing, promotion: passed(hint) };
  }
  const files = {
    [recordPath(candidate.model, candidate.run)]: renderJson(candidate),
    [pointerPath(candidate.model, 'production')]: renderJson(due),
  };
  const promotion = {
    state: 'pending',
    description: 'A promotion commit goes onto the branch; merging makes this model serve.',
  } as const;
  return { gates, promotion, files };
}

function gateState({ gates, unmeasured }: Judgement, { changed }: JudgedPointers): JudgedState {
  const failed = gates.filter((gate) => !gate.passed).map(({ message }) => message);
  if (failed.length === 0) return passed(`${plural(gates.length, 'gate')} passed.`);
  if (unmeasured === null) return stopped(failed.join('; '));
  // Otherwise no change of the evaluator could ever be merged; nothing is promoted with it.
  const harmless = !unmeasured.contradiction && !changed;
  const description = `Not measured. ${unmeasured.reason}`;
  return harmless ? passed(description) : stopped(description);
}

/** Whether the pointer of a change is the one that its judgement allows. */
function promotionState(
  gates: JudgedState,
  due: ModelPointer,
  { base, head, channel }: JudgedPointers,
): JudgedState {
  if (!head) return passed('Taken out of production.');
  if (gates.state !== 'success') return stopped(`${head.run} may not serve: ${gates.description}`);
  if (head.record !== due.record || head.onnx !== due.onnx || head.run !== due.run) {
    return stopped(`The pointer does not name the run that was judged, ${due.run}.`);
  }
  const tried = isTrial(channel) ? ` ${describeTraffic(channel, head.traffic)}.` : '';
  if (head.champion === due.champion)
    return passed(`${head.run} passed against ${serves(base)}.${tried}`);
  return stopped(
    `It was promoted against ${head.champion ?? 'nothing'}, but ${serves(base)} serves now: merge the default branch, ` +
      `keep its models/${head.model}, and push; it is trained and judged again.`,
  );
}

function serves(pointer: ModelPointer | null): string {
  return pointer?.run ?? 'nothing';
}
