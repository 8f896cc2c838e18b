export { collectPumpkinPatch } from './collect.ts';
