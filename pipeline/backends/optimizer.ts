import * as tf from '@tensorflow/tfjs-core';
import { type AdamAttributes, adamKernel } from './wasm/kernels/adam.ts';

/** A tensor with a name; the library does not export its type. */
type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number];

/** The two moments that Adam keeps of one variable. */
interface Moments {
  first: tf.Tensor;
  second: tf.Tensor;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;

/**
 * Adam (Kingma & Ba 2015; β₁ 0.9, β₂ 0.999, ε 1e-7 as in the library). Works as any tfjs optimiser
 * (`minimize`, `applyGradients`), with one fused kernel on wasm. Dispose it.
 */
export class AdamOptimizer extends tf.Optimizer {
  static readonly className = 'MainstemAdam';
  /** May be set between steps, for a schedule. */
  learningRate: number;
  readonly #moments = new Map<string, Moments>();

  constructor(learningRate: number) {
    super();
    this.learningRate = learningRate;
  }

  /** Updates the variables. Disposes nothing of the caller's. */
  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.incrementIterations();
    const updates = namedGradients(gradients).map(([name, gradient]): Update => {
      const variable = tf.engine().registeredVariables[name];
      if (!variable) throw new Error(`there is no variable ${name}`);
      return { variable, gradient, ...(this.#moments.get(name) ?? createMoments(variable)) };
    });
    const made = adamSteps(updates, this.#attributes());
    for (const [at, { variable, first, second }] of updates.entries()) {
      const [value, newFirst, newSecond] = made.slice(3 * at, 3 * at + 3);
      if (!value || !newFirst || !newSecond) throw new Error('a step makes three tensors of each');
      for (const each of [first, second]) each.dispose();
      this.#moments.set(variable.name, { first: tf.keep(newFirst), second: tf.keep(newSecond) });
      variable.assign(value);
      value.dispose();
    }
  }

  /**
   * The optimiser's state: the step (int32 scalar `iter`), then both moments of every variable that was ever
   * updated. Copies; the caller disposes them.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const moments = [...this.#moments].flatMap(([name, { first, second }]) => [
      { name: `${name}/first`, tensor: first.clone() },
      { name: `${name}/second`, tensor: second.clone() },
    ]);
    return [await this.saveIterations(), ...moments];
  }

  /** Continues from a state that {@link getWeights} gave. The caller keeps its tensors. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    this.#disposeMoments();
    const [step, ...moments] = weights;
    this.iterations_ = (await step?.tensor.data())?.[0] ?? 0;
    for (let at = 0; at + 1 < moments.length; at += 2) {
      const [first, second] = moments.slice(at, at + 2);
      if (!first || !second) break;
      const kept = { first: copy(first.tensor), second: copy(second.tensor) };
      this.#moments.set(first.name.replace(/\/first$/, ''), kept);
    }
  }

  /** Frees the state. */
  override dispose(): void {
    this.#disposeMoments();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate };
  }

  #attributes(): AdamAttributes {
    return { learningRate: this.learningRate, beta1, beta2, epsilon, step: this.iterations };
  }

  #disposeMoments(): void {
    for (const { first, second } of this.#moments.values()) tf.dispose([first, second]);
    this.#moments.clear();
  }
}

/** What one step of one variable takes. */
interface Update extends Moments {
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor;
}

/** The new value and moments of the first variable, then of the next. */
function adamSteps(updates: readonly Update[], attributes: AdamAttributes): tf.Tensor[] {
  return tf.getKernel(adamKernel, tf.getBackend())
    ? fusedSteps(updates, attributes)
    : updates.flatMap((update) => tf.tidy(() => composedStep(update, attributes)));
}

function fusedSteps(updates: readonly Update[], attributes: AdamAttributes): tf.Tensor[] {
  const inputs: tf.NamedTensorMap = {};
  for (const [number, { variable, gradient, first, second }] of updates.entries()) {
    inputs[`value${number}`] = variable;
    inputs[`gradient${number}`] = gradient;
    inputs[`first${number}`] = first;
    inputs[`second${number}`] = second;
  }
  return tf.engine().runKernel(adamKernel, inputs, { ...attributes });
}

function composedStep(update: Update, of: AdamAttributes): tf.Tensor[] {
  const { variable, gradient } = update;
  const first = tf.add(tf.mul(update.first, of.beta1), tf.mul(gradient, 1 - of.beta1));
  const squared = tf.mul(tf.square(gradient), 1 - of.beta2);
  const second = tf.add(tf.mul(update.second, of.beta2), squared);
  const spread = tf.sqrt(tf.div(second, 1 - of.beta2 ** of.step));
  const direction = tf.div(tf.div(first, 1 - of.beta1 ** of.step), tf.add(spread, of.epsilon));
  return [tf.sub(variable, tf.mul(direction, of.learningRate)), first, second];
}

function namedGradients(gradients: tf.NamedTensorMap | NamedTensor[]): [string, tf.Tensor][] {
  if (!Array.isArray(gradients))
    return Object.entries(gradients).filter(([, each]) => each != null);
  return gradients.filter(({ tensor }) => tensor != null).map(({ name, tensor }) => [name, tensor]);
}

function createMoments(variable: tf.Tensor): Moments {
  return { first: tf.zerosLike(variable), second: tf.zerosLike(variable) };
}

/** A kept tensor of its own: an enclosing tidy must not take it. */
function copy(tensor: tf.Tensor): tf.Tensor {
  return tf.keep(tensor.clone());
}
