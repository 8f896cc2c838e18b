export { type InitRequest, type InitResult, initProject } from './init-project.ts';
