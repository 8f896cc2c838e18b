import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { git, otherwise } from '../../../platform/lib/git.ts';
import { readJson } from '../../../platform/lib/json-file.ts';
import { readTextIfThere } from '../../../platform/lib/read-text.ts';
import { loadPromoted } from '../../../platform/registry/index.ts';
import { Report } from '../../../platform/report/index.ts';
import type { ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import {
  type BlobStore,
  type ModelPointer,
  type ModelRecord,
  SweepState,
} from '../../../platform/schemas/index.ts';
import type { ProjectContext } from '../../context.ts';
import { readIndex } from '../../prepare/index.ts';
import { reportPath } from '../report.ts';
import { sweepFolder } from '../sweep/session.ts';
import type { ExperimentEvidence } from './found-by-experiments.ts';

/** Where evidence is looked for: the project, the model that serves, and the files of the repository. */
export interface Evidence extends ExperimentEvidence {
  readonly definition: ProjectDefinition;
  /** What names the model that serves; null if nothing does. */
  readonly pointer: ModelPointer | null;
  /** Whether the commit that the model was made from is part of the history, unchanged. */
  readonly reviewed: boolean;
  /** Columns of the data that it was made from; none where the store lacks them. */
  readonly columns: readonly string[];
  /** The text of a file of the repository; '' if it is not there. */
  readonly text: (path: string) => Promise<string>;
}

/** Looks at a project's repository. */
export async function gatherEvidence({
  workspace,
  project,
  store,
}: ProjectContext): Promise<Evidence> {
  const { root } = workspace;
  const promoted = await loadPromoted(root, project.definition.name);
  const record = promoted?.record ?? null;
  return {
    ...{ definition: project.definition, record, pointer: promoted?.pointer ?? null },
    report: record ? await reportOf(root, record) : null,
    sweeps: await sweepsOf(root, project.definition.name),
    reviewed: record !== null && !record.dirty && (await isInHistory(root, record.commit)),
    columns: record ? await columnsOf(store, record) : [],
    text: async (path) => (await readTextIfThere(join(root, path), path)) ?? '',
  };
}

async function columnsOf(store: BlobStore, { prepared }: ModelRecord): Promise<string[]> {
  if (!(await store.has(prepared.index.digest))) return [];
  const { rows } = await readIndex(store, prepared);
  const columns = new Set<string>();
  // Of a table training rows keep no cells but those of their group.
  for (const { split, metadata } of rows) {
    if (split !== 'train') for (const column of Object.keys(metadata)) columns.add(column);
  }
  return [...columns];
}

/** The last report, if it is of what serves; one of an earlier version counts as none. */
async function reportOf(
  root: string,
  { model, run }: ModelRecord,
): Promise<ExperimentEvidence['report']> {
  const report = await readJson(reportPath(root, model), Report).catch(() => null);
  return report?.candidate.run === run ? { ...report, run } : null;
}

/** The trials of a project's sweeps; a file that is damaged or of another version counts as none. */
async function sweepsOf(root: string, project: string): Promise<SweepState['trials'][]> {
  const folder = sweepFolder(root, project);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).toSorted();
  const states = await Promise.all(
    files.map((name) => readJson(join(folder, name), SweepState).catch(() => null)),
  );
  return states.flatMap((state) => (state?.project === project ? [state.trials] : []));
}

async function isInHistory(root: string, commit: string | null): Promise<boolean> {
  if (commit === null) return false;
  return git(root, 'merge-base', '--is-ancestor', '--end-of-options', commit, 'HEAD').then(
    () => true,
    otherwise(false),
  );
}

/** Whether the tests of a file run by themselves on every pull request: where they are, or null. */
export async function automatedTest({ text }: Evidence, path: string): Promise<string | null> {
  const runs = (await text('.github/workflows/check.yml')).includes('.ci/run');
  const all = (await text('.ci/run')).includes('npm test');
  return runs && all && (await text(path)) !== '' ? `${path}, run by check.yml` : null;
}

/** A part of a workflow that says it runs something; null if it does not. */
export async function workflowStep(
  { text }: Evidence,
  workflow: string,
  words: string,
): Promise<string | null> {
  const path = `.github/workflows/${workflow}`;
  return (await text(path)).includes(words) ? `${path}: ${words}` : null;
}

/** All of several pieces of evidence, or null if one is missing. */
export function both(...pieces: readonly (string | null)[]): string | null {
  const found = pieces.filter((piece) => piece !== null);
  return found.length === pieces.length ? found.join('; ') : null;
}

/** Alerts that are made from code, written down in the runbook and tested on every pull request; null if one is not. */
export async function testedAlerts(
  evidence: Evidence,
  names: readonly string[],
): Promise<string | null> {
  const rules = await evidence.text('monitoring/generated/rules/alerts.json');
  const runbook = await evidence.text('monitoring/runbook.md');
  const complete = names.every(
    (name) => rules.includes(`"${name}"`) && new RegExp(`^## ${name}$`, 'm').test(runbook),
  );
  if (!complete) return null;
  const tested = await automatedTest(evidence, 'tests/integration/monitoring/alerts.test.ts');
  return both(`alerts ${names.join(', ')}, in the runbook`, tested);
}
