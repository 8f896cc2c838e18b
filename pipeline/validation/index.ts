export type { ValidateInputs } from './inputs.ts';
export { validateOnModelStage } from './on-model-stage.ts';
export { placeTags, readPhotoNotes } from './photo-notes.ts';
export { renderFindings, renderFindingsMarkdown } from './render-findings.ts';
export { validateStage } from './stage.ts';
