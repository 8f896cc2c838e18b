export { backboneCode, type ProjectBackbone } from './backbone-code.ts';
export { assertInitName, type InitRequest, type InitResult, initProject } from './init-project.ts';
export { renderParameters } from './render-parameters.ts';
