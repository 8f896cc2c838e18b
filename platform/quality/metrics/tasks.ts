import type { Task } from '../../schemas/index.ts';

/** Tasks whose answer is a class. */
export const classification = [
  'image-classification',
  'tabular-classification',
] as const satisfies readonly Task[];

/** Tasks whose answer is a number. */
export const regression = ['tabular-regression'] as const satisfies readonly Task[];
