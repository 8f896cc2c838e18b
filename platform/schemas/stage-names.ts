/**
 * Every stage of the flow, in its order. `prepare-out-of-distribution` prepares the out-of-distribution set, where a project
 * has one; `embed` computes the features of a backbone, where a project has one, and `activate` what the part of it that is
 * trained reads. Without imports, so that the command line can name them before it loads any schema; what each leaves is in
 * `stages.ts`.
 */
export const stageNames = [
  'validate',
  'prepare',
  'prepare-out-of-distribution',
  'embed',
  'embed-out-of-distribution',
  'activate',
  'activate-out-of-distribution',
  'train',
  'evaluate',
  'package',
] as const;
export type StageName = (typeof stageNames)[number];
