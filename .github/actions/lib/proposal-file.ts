import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { JoinNote } from '../../../pipeline/join-note.ts';
import { dictionary } from '../../../platform/lib/dictionary.ts';
import { readJson, writeJson } from '../../../platform/lib/json-file.ts';
import { LockedDataset, nullable } from '../../../platform/schemas/index.ts';

/** What the job that collects hands to the job that may write: text, no data. */
export const Proposal = Type.Object(
  {
    version: Type.Literal(1),
    project: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    harvest: Type.String({ maxLength: 100 }),
    /** The changed entries of the lock, and what they were; none where only the definition has changed. */
    datasets: dictionary(Type.Object({ before: nullable(LockedDataset), after: LockedDataset })),
    /** What the table was joined from, of a project with features. */
    joined: Type.Optional(JoinNote),
    /** What has changed, a sentence a line. */
    changes: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 20 }),
  },
  { additionalProperties: false },
);
export type Proposal = Static<typeof Proposal>;

const file = 'proposal.json';

/** Writes a proposal into a folder, or null where there is nothing to propose: that replaces what an attempt before left. */
export function writeProposal(folder: string, proposal: Proposal | null): Promise<void> {
  return writeJson(join(folder, file), proposal);
}

/** Reads a proposal; null if there is nothing to propose. @throws MainstemError JSON_INVALID */
export async function readProposal(folder: string): Promise<Proposal | null> {
  const path = join(folder, file);
  return existsSync(path) ? readJson(path, nullable(Proposal)) : null;
}
