import { listOf } from '../config.ts';
import { invalidRequest } from '../invalid-request.ts';
import { protocolText } from '../plugins/problems.ts';
import type { Services } from '../services.ts';
import type { ServedModel } from './models.ts';

/** What is loaded of one version. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** Why it is not loaded; empty where it is. */
  readonly reason: string;
}

/** What a request about what is loaded asks for. */
export interface ChangeAsked {
  readonly name: string;
  /** Names of the parameters that came with it. */
  readonly parameters: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The model repository extension of the Open Inference Protocol: what is loaded, loading and unloading. It is about memory only.
 * Which versions serve is decided by pointers, so that a model that was unloaded answers the next request all the same.
 */
export const modelRepository = { index, load, unload } as const;

function index(services: Services, isReadyOnly: boolean): IndexEntry[] {
  const entries = services.lineup.answering.map((model) => describe(services, model));
  return entries.filter(({ state }) => !isReadyOnly || state === 'READY');
}

function describe({ memory }: Services, model: ServedModel): IndexEntry {
  const { name, version } = model;
  const { state, fault } = memory.stateOf(model);
  if (state === 'loaded') return { name, version, state: 'READY', reason: '' };
  if (state === 'loading') return { name, version, state: 'LOADING', reason: '' };
  const reason = fault ? protocolText(fault) : 'not loaded; the next request for it loads it';
  return { name, version, state: 'UNAVAILABLE', reason };
}

/** Loads all versions of a model that get requests. @throws MainstemError MODEL_UNKNOWN, REQUEST_INVALID, SERVING_*, STORE_* */
async function load(services: Services, asked: ChangeAsked): Promise<void> {
  assertNothingForeign(asked);
  for (const model of versionsOf(services, asked.name))
    (await services.memory.use(model, { signal: asked.signal, retries: true }))();
}

/** Unloads them when their requests are answered. @throws MainstemError MODEL_UNKNOWN, REQUEST_INVALID */
async function unload(services: Services, asked: ChangeAsked): Promise<void> {
  assertNothingForeign(asked);
  const versions = versionsOf(services, asked.name);
  if (versions.some(({ name }) => listOf(services.config.pinned).includes(name)))
    throw invalidRequest(`"${asked.name}" is pinned: MAINSTEM_PINNED names it`);
  for (const model of versions) await services.memory.unload(model);
}

function versionsOf({ lineup }: Services, asked: string): ServedModel[] {
  const { name } = lineup.find(asked);
  return lineup.answering.filter((model) => model.name === name);
}

/** Triton loads what a request brings with it; here only commits say what serves. */
function assertNothingForeign({ parameters }: ChangeAsked): void {
  const foreign = parameters.find((key) => key !== 'unload_dependents');
  if (foreign === undefined) return;
  throw invalidRequest(
    `it has the parameter "${foreign}", but networks and settings come from the repository only`,
  );
}
