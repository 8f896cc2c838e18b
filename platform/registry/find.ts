import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { exists } from '../lib/files.ts';
import { modelsFolder } from '../lib/layout.ts';

/** A model record in the working tree. */
export interface FoundRun {
  readonly model: string;
  readonly run: string;
}

/**
 * All records in the working tree, sorted by model and run.
 *
 * @example await listRuns(root) // [{ model: 'pumpkins', run: '3f2a9c41d07b' }]
 */
export async function listRuns(root: string): Promise<FoundRun[]> {
  const folder = join(root, modelsFolder);
  const files = (await exists(folder)) ? await readdir(folder, { recursive: true }) : [];
  return files
    .flatMap((path) => {
      const match = /^([^/\\]+)[/\\]records[/\\]([0-9a-f]{12})\.json$/.exec(path);
      return match?.[1] && match[2] ? [{ model: match[1], run: match[2] }] : [];
    })
    .sort((a, b) => (`${a.model}/${a.run}` < `${b.model}/${b.run}` ? -1 : 1));
}

/**
 * The one record whose run starts with these digits, at least four; the path of a record's file works too.
 *
 * @param model restricts the search to one model.
 * @throws MainstemError MODEL_RUN_UNKNOWN naming the known runs, if none or several match
 * @example await findRun(root, '3f2a') // { model: 'pumpkins', run: '3f2a9c41d07b' }
 */
export async function findRun(root: string, wanted: string, model?: string): Promise<FoundRun> {
  const { digits, owner = model } = parseWanted(wanted);
  const runs = (await listRuns(root)).filter(
    (found) => model === undefined || found.model === model,
  );
  const matches = runs.filter(
    (found) =>
      digits !== undefined &&
      found.run.startsWith(digits) &&
      (owner === undefined || found.model === owner),
  );
  const [only] = matches;
  if (only && matches.length === 1) return only;
  const known = runs.map((found) => `${found.model} ${found.run}`).join(', ') || 'none';
  throw new MainstemError('MODEL_RUN_UNKNOWN', { run: wanted, known });
}

/** Anything else than digits or a record's file would only be taken for a run by accident. */
function parseWanted(wanted: string): { readonly digits?: string; readonly owner?: string } {
  if (/^[0-9a-f]{4,12}$/.test(wanted)) return { digits: wanted };
  const path = /(?:^|[/\\])(?:([^/\\]+)[/\\]records[/\\])?([0-9a-f]{12})\.json$/.exec(wanted);
  const [, owner, digits] = path ?? [];
  return { ...(digits && { digits }), ...(owner && { owner }) };
}
