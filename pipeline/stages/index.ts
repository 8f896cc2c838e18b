export { defineStage, type Resources, type Stage, type StageContext } from './stage.ts';
