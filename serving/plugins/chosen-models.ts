import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ReadHeader } from '../inference/assign.ts';
import type { Lineup } from '../inference/lineup.ts';
import type { ServedModel } from '../inference/models.ts';
import { atOnce } from './at-once.ts';
import { exchangeOf } from './exchanges.ts';

const chosen = new WeakMap<IncomingMessage, ServedModel>();

/**
 * Chooses for each POST the version that answers it, once: its body is read, computed and counted by the same version whatever is
 * promoted meanwhile, and that version stays loaded until the end. Call it after `addAccess` and before `addBodies`.
 */
export function addChosenModels(app: FastifyInstance, lineup: Lineup): void {
  const choose = (request: FastifyRequest) => {
    const url = request.routeOptions.url ?? '';
    if (request.method !== 'POST' || !/\/(?:predict|feedback|infer|explain)$/.test(url)) return;
    const { name, version } = pathOf(request.params);
    // A correction is of an earlier answer: chance must not say of which version's.
    const random = url.endsWith('/feedback') ? () => 1 : Math.random;
    const model =
      name !== undefined && version !== undefined
        ? lineup.find(name, version)
        : lineup.choose(name, headersOf(request), random);
    chosen.set(request.raw, model);
    exchangeOf(request).onEnd(lineup.hold(model));
  };
  app.addHook('onRequest', atOnce(choose));
}

/** Reads the headers of a request, by their names in small letters. */
export function headersOf({ headers }: FastifyRequest): ReadHeader {
  return (name) => headers[name]?.toString();
}

/** The version that answers a request; undefined for one that no model answers. */
export function chosenModel(request: FastifyRequest): ServedModel | undefined {
  return chosen.get(request.raw);
}

/** The version that answers a request. @throws TypeError for one that no model answers */
export function modelOf(request: FastifyRequest): ServedModel {
  const model = chosenModel(request);
  if (!model) throw new TypeError('no model answers such a request');
  return model;
}

/** The model, and its version, that a path names. */
export function pathOf(params: unknown): { readonly name?: string; readonly version?: string } {
  if (typeof params !== 'object' || params === null) return {};
  const found = Object.entries(params).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(found);
}
