export { binOf } from './bin.ts';
export { type Decision, type DecisionRules, decide, type NetworkOutput } from './decide.ts';
export { distanceScore, energyScore } from './score.ts';
export { logSumExp, softmax } from './softmax.ts';
