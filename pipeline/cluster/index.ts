export { buildJob } from './build-job.ts';
export { buildPipelineSpec } from './build-pipeline-spec.ts';
export { buildWorkflow } from './build-workflow.ts';
export { isImageName } from './is-image-name.ts';
export { nameLabel } from './name-label.ts';
export type { Plan, PlannedStage } from './plan.ts';
export { JobSettings, loadJobSettings } from './settings.ts';
export { jobName, type Site, stageTask, type Task, trialTask } from './task.ts';
