export { changeParameters, valuesOf } from './change-parameters.ts';
export { type Dimension, dimensionOf, gridValues, positionOf, valueAt } from './dimension.ts';
export { type Bracket, planHalving, planHyperband, promoteTrials } from './halving.ts';
export { budgetKey, loadSweep, parseSweep, type Sweep, sweepPath } from './load-sweep.ts';
export { lossOf, type Objective, paretoFront } from './pareto-front.ts';
export { gridSize, proposeTrial, type Values } from './search.ts';
export { mostSobolDimensions, sobolPoint } from './sobol.ts';
export { type Observation, proposeByTpe, valuesAt } from './tpe.ts';
