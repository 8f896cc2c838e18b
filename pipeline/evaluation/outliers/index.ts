export { fitOutOfDistribution, type OutOfDistributionRows } from './fit.ts';
