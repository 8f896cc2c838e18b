import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { digestJson } from '../../platform/lib/hash.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { abbreviate } from '../../platform/lib/text.ts';
import { missingArtefacts } from '../../platform/registry/index.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';

/** Why a candidate was not measured. */
export interface Unmeasured {
  /** In whole sentences. */
  readonly reason: string;
  /** Whether the candidate contradicts itself or its change; otherwise this tree's code is not made for it. */
  readonly contradiction: boolean;
}

/** Why a candidate is not even measured, or null. */
export async function refuseCandidate(
  { project, lock, store }: ProjectContext,
  candidate: ModelRecord,
): Promise<Unmeasured | null> {
  const { definition, parameters } = project;
  if (
    digestJson(candidate.stages) !== candidate.key ||
    candidate.run !== abbreviate(candidate.key)
  ) {
    return contradiction(
      'Its run is not that of its stages: the record was written by hand, or damaged.',
    );
  }
  if (candidate.task !== definition.task || !isEqual(candidate.classes, definition.classes ?? [])) {
    const reason = 'Its task or classes are not those of the default branch.';
    return { reason, contradiction: false };
  }
  const foreign = Object.entries(candidate.data).find(
    ([name, digest]) => ownValue(lock.datasets, name)?.digest !== digest,
  );
  if (foreign)
    return contradiction(
      `It was trained on another version of ${foreign[0]} than data.lock.json names.`,
    );
  if (!isEqual(candidate.parameters, parameters)) {
    return contradiction('It was trained with other parameters than params.json says.');
  }
  const missing = await missingArtefacts(store, candidate);
  if (missing.length === 0) return null;
  const names = missing.map(({ name }) => name).join(', ');
  return contradiction(`Its ${names} are neither in the experiment's results nor in the remote.`);
}

/** A candidate that contradicts itself or its change. */
export function contradiction(reason: string): Unmeasured {
  return { reason, contradiction: true };
}

function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
