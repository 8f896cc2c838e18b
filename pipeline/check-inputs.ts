import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { shorten } from '../platform/lib/text.ts';
import type { GateResult, ModelRecord } from '../platform/schemas/index.ts';
import { datasetsOf } from '../platform/storage/index.ts';
import { denyStatement } from './check-claims.ts';
import type { ProjectContext } from './context.ts';

/**
 * A failed gate for the parameters and each dataset that a record states otherwise than the tree has them. Its key must be the
 * tree's: then both are what the model was made from.
 */
export function checkInputs(
  { project, lock }: Pick<ProjectContext, 'project' | 'lock'>,
  record: ModelRecord,
): GateResult[] {
  const [stated, found] = [canonicalJson(record.parameters), canonicalJson(project.parameters)];
  const parameters =
    stated === found
      ? []
      : [denyStatement('parameters', shorten(stated), `and params.json says ${shorten(found)}`)];
  const names = new Set([
    ...Object.keys(record.data),
    ...datasetsOf(project).map(({ name }) => name),
  ]);
  const data = [...names].flatMap((name) => {
    const [said, locked] = [ownValue(record.data, name), ownValue(lock.datasets, name)?.digest];
    if (said === locked) return [];
    const why = `and data.lock.json says ${locked ?? 'nothing'}`;
    return [denyStatement(`data of ${name}`, said ?? 'nothing', why)];
  });
  return [...parameters, ...data];
}
