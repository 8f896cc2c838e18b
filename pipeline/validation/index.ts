export type { ValidateInputs } from './inputs.ts';
export { renderFindings, renderFindingsMarkdown } from './render.ts';
export { validateStage } from './stage.ts';
