import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { readJson, writeJson } from '../../../platform/lib/json-file.ts';
import { SweepReport } from '../../../platform/report/index.ts';
import { nullable } from '../../../platform/schemas/index.ts';

/** What the job that concludes a sweep hands to the job that may write: text, no data. */
export const SweepProposal = Type.Object(
  {
    version: Type.Literal(1),
    project: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    /** The new params.json. */
    parameters: Type.String({ maxLength: 100_000 }),
    report: SweepReport,
  },
  { additionalProperties: false },
);
export type SweepProposal = Static<typeof SweepProposal>;

const file = 'proposal.json';

/** Writes a proposal into a folder, or null where there is nothing to propose. */
export function writeSweepProposal(folder: string, proposal: SweepProposal | null): Promise<void> {
  return writeJson(join(folder, file), proposal);
}

/** Reads a proposal; null if there is nothing to propose. @throws MainstemError JSON_INVALID */
export async function readSweepProposal(folder: string): Promise<SweepProposal | null> {
  const path = join(folder, file);
  return existsSync(path) ? readJson(path, nullable(SweepProposal)) : null;
}
