import { ownValue } from '../../platform/lib/own-value.ts';
import { invalidRequest } from '../invalid-request.ts';

/** Parameters of Triton's extensions that the server does not list → what to send in their place. */
const unserved: Readonly<Record<string, string>> = {
  classification: 'the classification extension is not served: ask for the output "probabilities"',
  shared_memory_region: 'shared memory is not served: send the values themselves',
};

/**
 * Refuses what a client would take for done: parameters of a tensor that change what is read or answered.
 *
 * @throws MainstemError REQUEST_INVALID
 */
export function refuseUnserved({ parameters = {} }: { readonly parameters?: object }): void {
  for (const name of Object.keys(parameters)) {
    const advice = ownValue(unserved, name);
    if (advice !== undefined) throw invalidRequest(advice);
  }
}
