export { isTooFew } from './acceptance-threshold.ts';
export { distanceRows } from './fit-distance.ts';
export { fitOutOfDistribution, type OutOfDistributionRows } from './fit-out-of-distribution.ts';
export { measureRefusal } from './measure-refusal.ts';
