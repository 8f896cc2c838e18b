import { createRandom } from '../../platform/lib/random.ts';
import type { LabelScale } from '../../platform/schemas/index.ts';
import { binTable, fitTableBins, type TreeRows } from './bin-table.ts';
import type { TreeColumn } from './fit-bins.ts';
import { buildForest, type Forest, type GrownNode } from './forest.ts';
import { type GrownTree, growTree } from './grow-tree.ts';
import { createHistograms } from './histograms.ts';
import { createObjective, type Loss, type Measures, type Objective } from './objective.ts';

/** How trees are boosted. */
export interface BoostParameters {
  readonly seed: number;
  /** Most rounds; each adds one tree per output. */
  readonly trees: number;
  readonly leaves: number;
  readonly learningRate: number;
  /** Least rows of a leaf. */
  readonly minimumRows: number;
  readonly l2: number;
  /** Most bins of a column of numbers, 2 to 255. */
  readonly bins: number;
  /** The share of the columns that each tree may split by. */
  readonly columnShare: number;
  /** Rounds without a better validation loss before stopping; 0 never stops. */
  readonly earlyStopping: number;
}

/** What is boosted. */
export interface BoostRequest {
  readonly columns: readonly TreeColumn[];
  readonly training: TreeRows;
  /** Decides which round is kept; without rows the last one is. */
  readonly validation: TreeRows;
  readonly loss: Loss;
  /** How many classes there are; 0 for regression. */
  readonly classes: number;
  /** What is learnt of the targets of a regression; left out, the targets themselves. */
  readonly labelScale?: LabelScale;
  readonly parameters: BoostParameters;
  /** Go on from here; left out, from the start. */
  readonly resume?: BoostProgress | undefined;
  /** Called after each round. @param progress must be kept only until the next round */
  readonly onRound?: (round: Round, progress: BoostProgress) => void | Promise<void>;
}

/** How far boosting has come: all that the next round depends on besides the rows and parameters. */
export interface BoostProgress {
  readonly rounds: readonly Round[];
  /** A tree per output of each round. */
  readonly trees: readonly (readonly GrownNode[])[];
  /** What the trees so far give for the training rows, and for the validation rows. */
  readonly scores: Float64Array;
  readonly heldScores: Float64Array;
}

/** How good the trees of the rounds so far are. */
export interface Round {
  /** From 1. */
  readonly round: number;
  readonly training: Measures;
  readonly validation: Measures;
}

/** What boosting gives. */
export interface Boosted {
  readonly forest: Forest;
  readonly rounds: readonly Round[];
  /** The round whose trees are kept. */
  readonly bestRound: number;
  readonly stopped: 'epochs' | 'early';
}

/**
 * Boosts trees (Friedman, "Greedy function approximation: a gradient boosting machine", 2001) on histograms of binned columns
 * (Ke et al., "LightGBM", 2017). The same rows in the same order give the same bits, after an interruption too.
 */
export async function boost(request: BoostRequest): Promise<Boosted> {
  const { parameters, training, validation } = request;
  const bins = fitTableBins(training, request.columns, parameters.bins);
  const table = binTable(training, bins);
  const held = {
    table: binTable(validation, bins),
    rows: new Uint32Array(validation.targets.length),
  };
  const growing = {
    rows: new Uint32Array(table.rows),
    gradients: new Float32Array(table.rows),
    hessians: new Float32Array(table.rows),
  };
  const rules = { minimumRows: parameters.minimumRows, l2: parameters.l2 };
  const histograms = createHistograms({ table, growing, rules });
  const state = startState(request);
  const grow = (output: number, allowed: Uint8Array) =>
    growTree({
      ...{ table, growing, held, histograms, allowed },
      leaves: parameters.leaves,
      minimumRows: parameters.minimumRows,
      gradients: state.gradients.subarray(output * table.rows, (output + 1) * table.rows),
      hessians: state.hessians.subarray(output * table.rows, (output + 1) * table.rows),
    });
  let best = bestRoundOf(state.rounds);
  while (state.rounds.length < parameters.trees) {
    if (isStalled(state.rounds, best, parameters.earlyStopping)) break;
    const round = state.rounds.length + 1;
    if (!addRound(state, request, { round, grow, growing: growing.rows, held: held.rows })) break;
    if (isBetter(state.rounds, best)) best = round;
    const last = state.rounds.at(-1);
    if (last) await request.onRound?.(last, state);
  }
  return finish(state, request, best);
}

interface State {
  readonly objective: Objective;
  readonly heldObjective: Objective;
  readonly scores: Float64Array;
  readonly heldScores: Float64Array;
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
  readonly trees: (readonly GrownNode[])[];
  readonly rounds: Round[];
}

function startState(request: BoostRequest): State {
  const { training, validation, loss, classes, labelScale, resume } = request;
  const objective = createObjective({ loss, classes, labelScale, targets: training.targets });
  const heldObjective = createObjective(
    { loss, classes, labelScale, targets: validation.targets },
    training.targets,
  );
  const scores = resume?.scores.slice() ?? startScores(objective, training.targets.length);
  const gradients = new Float32Array(scores.length);
  const hessians = new Float32Array(scores.length);
  objective.differentiate(scores, gradients, hessians);
  return {
    ...{ objective, heldObjective, scores, gradients, hessians },
    ...{ trees: [...(resume?.trees ?? [])], rounds: [...(resume?.rounds ?? [])] },
    heldScores: resume?.heldScores.slice() ?? startScores(objective, validation.targets.length),
  };
}

function startScores({ start }: Objective, rows: number): Float64Array {
  const scores = new Float64Array(rows * start.length);
  for (const [output, value] of start.entries()) {
    scores.fill(value, output * rows, (output + 1) * rows);
  }
  return scores;
}

interface RoundWork {
  readonly round: number;
  readonly grow: (output: number, allowed: Uint8Array) => GrownTree;
  /** Numbers of the rows in the order of the tree that was grown last. */
  readonly growing: Uint32Array;
  readonly held: Uint32Array;
}

/** Adds a tree per output. @returns false, and adds none, if no tree could be split any more, by whatever column */
function addRound(state: State, request: BoostRequest, work: RoundWork): boolean {
  const { objective, heldObjective, scores, heldScores } = state;
  const drawn = allowedColumns(request, work.round);
  let trees = growTrees(state, request, work, drawn);
  // What the columns that were drawn cannot tell, others may: only where all are asked is there nothing left to learn.
  if (!isSplit(trees) && drawn.includes(0)) {
    trees = growTrees(state, request, work, drawn.fill(1));
  }
  if (work.round > 1 && !isSplit(trees)) return false;
  state.trees.push(...trees);
  state.rounds.push({
    round: work.round,
    training: objective.differentiate(scores, state.gradients, state.hessians),
    validation: heldObjective.measure(heldScores),
  });
  return true;
}

function isSplit(trees: readonly (readonly GrownNode[])[]): boolean {
  return trees.some(({ length }) => length > 1);
}

/** Grows a tree per output, and adds to the scores what their leaves give. */
function growTrees(
  { objective, scores, heldScores }: State,
  { parameters, training, validation }: BoostRequest,
  work: RoundWork,
  allowed: Uint8Array,
): (readonly GrownNode[])[] {
  const trees: (readonly GrownNode[])[] = [];
  for (let output = 0; output < objective.outputs; output++) {
    const tree = work.grow(output, allowed);
    const [first, heldFirst] = [training, validation].map(({ targets }) => output * targets.length);
    const own = scores.subarray(first, (first ?? 0) + training.targets.length);
    const heldOwn = heldScores.subarray(heldFirst, (heldFirst ?? 0) + validation.targets.length);
    for (const { node, begin, end, heldBegin, heldEnd, sums } of tree.leaves) {
      const rows = work.growing.subarray(begin, end);
      const step = stepOf(tree, () =>
        objective.leafValue
          ? objective.leafValue(own, rows)
          : -sums.gradient / (sums.hessian + parameters.l2),
      );
      node.value = Math.fround(parameters.learningRate * step * objective.scale);
      addTo(own, rows, node.value / objective.scale);
      addTo(heldOwn, work.held.subarray(heldBegin, heldEnd), node.value / objective.scale);
    }
    trees.push(tree.nodes);
  }
  return trees;
}

/** A tree that could not be split changes nothing: with next to no hessian left its step would be noise divided by nothing. */
function stepOf({ nodes }: GrownTree, leafStep: () => number): number {
  return nodes.length === 1 ? 0 : leafStep();
}

function addTo(scores: Float64Array, rows: Uint32Array, value: number): void {
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    scores[row] = (scores[row] ?? 0) + value;
  }
}

function allowedColumns({ columns, parameters }: BoostRequest, round: number): Uint8Array {
  const { columnShare, seed } = parameters;
  const allowed = new Uint8Array(columns.length);
  if (columnShare >= 1) return allowed.fill(1);
  const count = Math.max(1, Math.round(columnShare * columns.length));
  const drawn = createRandom(`${seed}/columns/${round}`).shuffle([...columns.keys()]);
  for (const column of drawn.slice(0, count)) allowed[column] = 1;
  return allowed;
}

/** Whether the last round is the best; without validation rows every round is. */
function isBetter(rounds: readonly Round[], best: number): boolean {
  const loss = rounds.at(-1)?.validation.loss ?? Number.NaN;
  const before = rounds[best - 1]?.validation.loss ?? Number.POSITIVE_INFINITY;
  return Number.isNaN(loss) || loss < before;
}

/** The best of the rounds so far, from 1; 0 without any. */
function bestRoundOf(rounds: readonly Round[]): number {
  let best = 0;
  for (const { round } of rounds) if (isBetter(rounds.slice(0, round), best)) best = round;
  return best;
}

function isStalled(rounds: readonly Round[], best: number, patience: number): boolean {
  return patience > 0 && rounds.length - best >= patience;
}

function finish(state: State, request: BoostRequest, best: number): Boosted {
  const { objective, trees, rounds } = state;
  const base = Float32Array.from(objective.start, (value) => value * objective.scale);
  return {
    forest: buildForest(base, trees.slice(0, best * objective.outputs)),
    rounds,
    bestRound: best,
    stopped: isStalled(rounds, best, request.parameters.earlyStopping) ? 'early' : 'epochs',
  };
}
