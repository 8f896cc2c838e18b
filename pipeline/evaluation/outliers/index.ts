export { fitOutOfDistribution, type OutOfDistributionRows } from './fit-out-of-distribution.ts';
