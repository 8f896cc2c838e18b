import * as tf from '@tensorflow/tfjs-core';
import type { DataId, Outcome, RecordedCall, Slot, Tape } from './tape.ts';

/** A step that can be repeated. Dispose it. */
export interface Recording {
  /**
   * Makes the recorded kernel calls on other inputs, and on the weights as they are now.
   *
   * @param inputs of the recorded shapes
   * @returns what the step makes, in the same order; the caller disposes of it
   */
  repeat(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Frees the constants. */
  dispose(): void;
}

/** Repeats what is on a tape. */
export function createRecording(tape: Tape): Recording {
  const backend = tf.backend();
  const outcomes = [...tape.updates.map(({ outcome }) => outcome), ...tape.results];
  const staying = new Set(outcomes.map(({ slot }) => slot));
  const calls = neededFor(staying, tape.calls);
  const freed = freedAfterEach(calls, staying);
  const owned = ownedOf(calls, outcomes);
  const ids: DataId[] = [];
  const constants: DataId[] = [];
  for (const { slot, values, shape, dtype } of tape.leaves) {
    if (!values) continue;
    const dataId = backend.write(values, shape, dtype);
    ids[slot] = dataId;
    constants.push(dataId);
  }
  const drawn = tape.leaves.filter(({ values }) => values === null);
  const tensorOf = (outcome: Outcome): tf.Tensor => {
    const dataId = idIn(ids, outcome.slot);
    if (!owned.has(outcome)) backend.incRef(dataId);
    return tf.engine().makeTensorFromTensorInfo({ ...outcome, dataId });
  };
  return {
    repeat(inputs) {
      for (const [at, slot] of tape.inputs.entries()) ids[slot] = dataIdOf(inputs[at]);
      for (const { variable, slot } of tape.weights) ids[slot] = variable.dataId;
      const numbers = drawn.map(({ slot, shape }) => {
        const made = tf.randomUniform(shape);
        ids[slot] = made.dataId;
        return made;
      });
      for (const [at, call] of calls.entries()) {
        repeatCall(ids, call);
        for (const slot of freed[at] ?? []) backend.disposeData(idIn(ids, slot));
      }
      for (const { variable, outcome } of tape.updates) {
        const value = tensorOf(outcome);
        variable.assign(value);
        value.dispose();
      }
      const results = tape.results.map(tensorOf);
      for (const each of numbers) each.dispose();
      return results;
    },
    dispose() {
      for (const dataId of constants) backend.disposeData(dataId);
    },
  };
}

function repeatCall(ids: DataId[], { kernel, call, inputs, outputs }: RecordedCall): void {
  for (const { info, slot } of inputs) info.dataId = idIn(ids, slot);
  const made = kernel(call);
  if (Array.isArray(made)) {
    for (const [at, slot] of outputs.entries()) ids[slot] = dataIdOf(made[at]);
  } else if (outputs[0] !== undefined) ids[outputs[0]] = made.dataId;
}

/**
 * The calls that what stays depends on. The library computes more: the loss itself, and gradients of the pictures. Kernels change
 * nothing but their outputs, so the others need not be made.
 */
function neededFor(staying: ReadonlySet<Slot>, calls: readonly RecordedCall[]): RecordedCall[] {
  const needed = new Set(staying);
  const kept = calls.toReversed().filter(({ inputs, outputs }) => {
    const isNeeded = outputs.some((slot) => needed.has(slot));
    if (isNeeded) for (const { slot } of inputs) needed.add(slot);
    return isNeeded;
  });
  return kept.reverse();
}

/** The outputs that no later call takes, for each call; what stays behind is not among them. */
function freedAfterEach(calls: readonly RecordedCall[], staying: ReadonlySet<Slot>): Slot[][] {
  const lastUse = new Map<Slot, number>();
  for (const [at, { outputs }] of calls.entries()) {
    for (const slot of outputs) lastUse.set(slot, at);
  }
  for (const [at, { inputs }] of calls.entries()) {
    for (const { slot } of inputs) if (lastUse.has(slot)) lastUse.set(slot, at);
  }
  const freed: Slot[][] = calls.map(() => []);
  for (const [slot, at] of lastUse) if (!staying.has(slot)) freed[at]?.push(slot);
  return freed;
}

/** Outcomes that take over an output of a call. The others share values: with each other, a weight, an input or a constant. */
function ownedOf(
  calls: readonly RecordedCall[],
  outcomes: readonly Outcome[],
): ReadonlySet<Outcome> {
  const free = new Set(calls.flatMap(({ outputs }) => outputs));
  return new Set(outcomes.filter(({ slot }) => free.delete(slot)));
}

function idIn(ids: readonly DataId[], slot: Slot): DataId {
  const found = ids[slot];
  if (!found) throw new Error(`nothing has filled slot ${slot} of the recording`);
  return found;
}

function dataIdOf(info: tf.TensorInfo | undefined): DataId {
  if (info) return info.dataId;
  throw new Error('the step was recorded with more tensors');
}
