export { backboneCode, type ProjectBackbone } from './backbone-code.ts';
export { type InitRequest, type InitResult, initProject } from './init-project.ts';
export { renderParameters } from './render-parameters.ts';
