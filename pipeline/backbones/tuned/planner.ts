import { MainstemError } from '../../../platform/lib/errors.ts';
import type { NodeProto, Observed } from '../../onnx/index.ts';
import { type Attributes, attributesOf } from './attributes.ts';
import type { LayerKind, LayerPlan, PlannedValue, PlannedWeight } from './layer-plan.ts';

/** What the import of one node may use. */
export interface Step {
  readonly node: NodeProto;
  readonly attributes: Attributes;
  /** What a picture's tensor is by now, with its padding. @throws MainstemError FINE_TUNE_UNSUPPORTED if it is none */
  padded(at: number): PlannedValue;
  /** The same without padding: zeros stand around it. */
  value(at: number): PlannedValue;
  /** A value with its padding written out. */
  withZeros(value: PlannedValue): PlannedValue;
  /** Whether an input is a picture's, rather than a weight or a setting. */
  isData(at: number): boolean;
  /** A weight or setting; null where it is left out. @throws MainstemError FINE_TUNE_UNSUPPORTED if it is a picture's */
  constant(at: number): Observed | null;
  /** A weight or setting that must be there. */
  need(at: number): Observed;
  /** What the node makes, and its sizes: [batch, …]. */
  readonly output: string;
  readonly dims: readonly number[];
  /** Adds a layer that makes the node's result. */
  add(layer: LayerKind, inputs: readonly PlannedValue[], weights?: readonly PlannedWeight[]): void;
  /** Says that the node's result is that of another, as it lies there. */
  same(value: PlannedValue): void;
  /** The layer that made a value and that nothing else reads, in whose weights a factor can be taken up. */
  soleMaker(at: number): LayerPlan | null;
  /** Puts another layer in its place, which makes the node's result, too. */
  replace(before: LayerPlan, weights: readonly PlannedWeight[]): void;
  refuse(reason: string): MainstemError;
}

/** Adds the layers of one node. */
export type Operator = (step: Step) => void;

/** What planning starts from. */
export interface PlannerOptions {
  readonly path: string;
  /** Weights and settings. */
  readonly values: ReadonlyMap<string, Observed>;
  /** How large what the nodes make is: [batch, …]. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
  readonly data: ReadonlySet<string>;
  /** How many nodes read a tensor. */
  readonly readers: ReadonlyMap<string, number>;
}

/** Collects the layers of the part that is trained. */
export class Planner {
  readonly layers: LayerPlan[] = [];
  readonly #values = new Map<string, PlannedValue>();
  readonly #options: PlannerOptions;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** What a tensor of the file is by now. */
  get(name: string): PlannedValue | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: PlannedValue): void {
    this.#values.set(name, value);
  }

  /** @throws MainstemError FINE_TUNE_UNSUPPORTED */
  plan(node: NodeProto, operator: Operator): void {
    operator(this.#step(node));
  }

  #step(node: NodeProto): Step {
    const { path, values, sizes, data, readers } = this.#options;
    const [output = ''] = node.output;
    const refuse = (reason: string) =>
      new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason: `its ${node.opType} ${reason}` });
    const nameOf = (at: number) => node.input[at] ?? '';
    const padded = (at: number) => {
      const value = this.#values.get(nameOf(at));
      if (value) return value;
      throw refuse(`reads ${JSON.stringify(nameOf(at))} from before the part that is trained`);
    };
    const constant = (at: number) => {
      const name = nameOf(at);
      if (name === '') return null;
      if (data.has(name)) throw refuse('has weights or settings that are computed from a picture');
      return values.get(name) ?? null;
    };
    const withZeros = (value: PlannedValue) => this.#withZeros(value, node.opType, refuse);
    const value = (at: number) => withZeros(padded(at));
    const add: Step['add'] = (layer, inputs, weights = []) => {
      const name = output;
      const shape = shapeOf(layer, inputs, step.dims);
      this.layers.push({
        ...{ layer, output: name, shape, weights, operator: node.opType },
        inputs: inputs.map((input) => input.name),
      });
      // A layer that keeps numbers where they are keeps their order.
      const [first] = inputs;
      const flattened = layer.kind === 'dense' ? undefined : first?.flattened;
      this.#values.set(output, { name, shape, ...(flattened && { flattened }) });
    };
    const step: Step = {
      ...{ node, attributes: attributesOf(node), padded, withZeros, value, constant, add, refuse },
      ...{ output, dims: sizes.get(output) ?? [] },
      isData: (at) => data.has(nameOf(at)),
      need: (at) => {
        const found = constant(at);
        if (found) return found;
        throw refuse(`lacks its input ${at + 1}`);
      },
      same: (other) => void this.#values.set(output, other),
      soleMaker: (at) => {
        const { name, padding } = padded(at);
        const sole = readers.get(nameOf(at)) === 1 && name === nameOf(at) && !padding;
        return (sole && this.layers.find((layer) => layer.output === name)) || null;
      },
      replace: (before, weights) => {
        this.layers[this.layers.indexOf(before)] = { ...before, output, weights };
        this.#values.set(output, { name: output, shape: before.shape });
      },
    };
    return step;
  }

  #withZeros(
    value: PlannedValue,
    operator: string,
    refuse: (reason: string) => MainstemError,
  ): PlannedValue {
    const { padding, name, shape } = value;
    if (!padding) return value;
    const [top, bottom, left, right] = padding;
    const [height = 0, width = 0, channels = 0] = shape;
    if (Math.min(...padding) < 0) throw refuse('cuts off borders');
    const made = {
      name: `${name} padded by ${padding.join(' ')}`,
      shape: [top + height + bottom, left + width + right, channels],
    };
    if (!this.layers.some(({ output }) => output === made.name)) {
      this.layers.push({
        layer: {
          kind: 'zeroPadding2d',
          padding: [
            [top, bottom],
            [left, right],
          ],
        },
        ...{ inputs: [name], output: made.name, shape: made.shape, weights: [], operator },
      });
    }
    return made;
  }
}

/** What a layer makes of a picture, as the layers library lays it out; channels stand second in the file. */
function shapeOf(
  { kind }: LayerKind,
  [first]: readonly PlannedValue[],
  [, ...sizes]: readonly number[],
): number[] {
  const flat = kind === 'globalAveragePooling2d' || kind === 'flatten' || first?.shape.length === 1;
  if (flat) return [sizes.reduce((product, size) => product * size, 1)];
  const [channels = 0, ...sides] = sizes;
  return [...sides, channels];
}
