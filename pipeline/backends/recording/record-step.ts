import * as tf from '@tensorflow/tfjs-core';
import { watchEngine } from './engine-hooks.ts';
import { createRecording, type Recording } from './recording.ts';
import type {
  DataId,
  Input,
  Kernel,
  KernelCall,
  Leaf,
  Outcome,
  RecordedCall,
  Slot,
  Tape,
  Weight,
  Written,
} from './tape.ts';

/*
 * A step of training makes the same kernel calls for every batch of the same shape. The library walks over its operations each time,
 * with tensors, a tape and closures for the gradients: for a network of dense layers that is most of a step. So one step is done as
 * ever and its kernel calls are written down; the next steps make only these calls, on other tensors, and give the same bits.
 */

/** What a step works on, beside what it makes itself. */
export interface StepTensors {
  /** Others in each step, of the same shapes. */
  readonly inputs: readonly tf.Tensor[];
  readonly weights: readonly tf.Variable[];
}

/** What a step made, and how to repeat it; null if that cannot be done. */
export interface Recorded {
  readonly made: tf.Tensor[];
  readonly recording: Recording | null;
}

/**
 * Does a step of library operations and records it. It cannot be repeated if it reads values, draws random numbers other than
 * uniform ones from 0 to 1 (which are drawn again each time, in the same order), or uses tensors that are neither given nor its own.
 *
 * @param step depends on the tensors, constants and Math.random alone: a number that it counts up would stay as it was
 */
export type RecordStep = (tensors: StepTensors, step: () => tf.Tensor[]) => Recorded;

export const recordStep: RecordStep = (tensors, step) => {
  const recorder = new Recorder(tensors);
  const release = watchEngine(recorder);
  let made: tf.Tensor[];
  try {
    made = step();
  } finally {
    release();
  }
  const tape = recorder.finish(made);
  return { made, recording: tape && createRecording(tape) };
};

class Recorder {
  readonly #slots = new Map<DataId, Slot>();
  readonly #inputs: readonly Slot[];
  readonly #weights: readonly Weight[];
  readonly #leaves: Leaf[] = [];
  readonly #calls: RecordedCall[] = [];
  #nextSlot = 0;
  #depth = 0;
  #repeatable: boolean;
  #draws: number[] = [];

  constructor({ inputs, weights }: StepTensors) {
    this.#inputs = inputs.map(({ dataId }) => this.#fill(dataId));
    this.#weights = weights.map((variable) => ({ variable, slot: this.#fill(variable.dataId) }));
    // Two that share their values now need not share them in the next step.
    this.#repeatable = this.#slots.size === inputs.length + weights.length;
  }

  /** Calls a kernel. What that calls in its turn belongs to it. */
  call(kernel: Kernel, call: KernelCall): ReturnType<Kernel> {
    const made = this.#within(() => kernel(call));
    if (this.#depth === 0) this.#addCall(kernel, call, [made].flat());
    return made;
  }

  /** A tensor was made of values; of none for a kernel's output. */
  wrote(dataId: DataId, { values, shape, dtype }: Written): void {
    if (this.#depth > 0) return;
    const [draw, ...others] = this.#draws;
    this.#draws = [];
    const isDrawn = draw !== undefined;
    const known =
      !isDrawn || (others.length === 0 && this.#within(() => isUniform(values, shape, draw)));
    if (!values || !known) this.#repeatable = false;
    const constant = isDrawn || !values ? null : values.slice();
    this.#leaves.push({ slot: this.#fill(dataId), shape: [...shape], dtype, values: constant });
  }

  read(): void {
    if (this.#depth === 0) this.#repeatable = false;
  }

  drew(value: number): void {
    if (this.#depth > 0) this.#repeatable = false;
    this.#draws.push(value);
  }

  finish(made: readonly tf.Tensor[]): Tape | null {
    const results = made.map((tensor) => this.#outcome(tensor));
    const changed = this.#weights.filter(
      ({ variable, slot }) => this.#slots.get(variable.dataId) !== slot,
    );
    const updates = changed.map(({ variable }) => ({ variable, outcome: this.#outcome(variable) }));
    if (!this.#repeatable || this.#draws.length > 0) return null;
    const given = { inputs: this.#inputs, weights: this.#weights };
    return { ...given, leaves: this.#leaves, calls: this.#calls, results, updates };
  }

  #within<T>(work: () => T): T {
    this.#depth += 1;
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }

  #addCall(kernel: Kernel, call: KernelCall, made: readonly tf.TensorInfo[]): void {
    const inputs: Input[] = [];
    const given: KernelCall['inputs'] = Object.assign(Array.isArray(call.inputs) ? [] : {}, {
      ...call.inputs,
    });
    for (const [name, each] of Object.entries(given)) {
      if (!each) continue;
      const info = { dataId: each.dataId, shape: each.shape, dtype: each.dtype };
      inputs.push({ info, slot: this.#find(each.dataId) });
      given[name] = info;
    }
    const outputs = made.map(({ dataId }) => this.#fill(dataId));
    this.#calls.push({ kernel, call: { ...call, inputs: given }, inputs, outputs });
  }

  /** A new slot for values. The output of a kernel that shares its input's values has one of its own. */
  #fill(dataId: DataId): Slot {
    const slot = this.#nextSlot;
    this.#nextSlot += 1;
    this.#slots.set(dataId, slot);
    return slot;
  }

  #find(dataId: DataId): Slot {
    const slot = this.#slots.get(dataId);
    if (slot === undefined) this.#repeatable = false;
    return slot ?? 0;
  }

  #outcome({ dataId, shape, dtype }: tf.Tensor): Outcome {
    return { slot: this.#find(dataId), shape: [...shape], dtype };
  }
}

/** Whether values are what the library draws from 0 to 1 where Math.random gave `draw` as the seed. */
function isUniform(values: tf.BackendValues | null, shape: number[], draw: number): boolean {
  if (!(values instanceof Float32Array)) return false;
  const again = tf.tidy(() => tf.randomUniform(shape, 0, 1, 'float32', draw).dataSync());
  return values.every((value, at) => value === again[at]);
}
