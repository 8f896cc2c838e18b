import { join } from 'node:path';
import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { assertProject, projectNames } from '../../../platform/schemas/define/index.ts';
import { mostSeeds, type Workspace } from '../../../platform/schemas/index.ts';
import { logLines } from './log-lines.ts';
import { parseNumber } from './parse-input.ts';

/** The checked-out repository that this action belongs to. */
export const repositoryRoot = join(import.meta.dirname, '../../..');

/** A workspace that reports to the job's log; cancelling the job stops the work between two writes. */
export function openActionWorkspace(): Workspace {
  const controller = new AbortController();
  process.once('SIGTERM', () => controller.abort());
  process.once('SIGINT', () => controller.abort());
  return { root: repositoryRoot, reporter: logReporter, signal: controller.signal };
}

/**
 * The projects that the `projects` input names, separated by spaces or commas.
 *
 * @param all what an empty input means; every project where it is left out
 * @throws MainstemError PROJECT_UNKNOWN
 */
export async function projectsInput(root: string, all?: readonly string[]): Promise<string[]> {
  const names = new Set(
    core
      .getInput('projects')
      .split(/[\s,]+/)
      .filter(Boolean),
  );
  for (const name of names) await assertProject(root, name);
  return names.size > 0 ? [...names] : [...(all ?? (await projectNames(root)))];
}

const plainLineMs = 10_000;

const logReporter: Workspace['reporter'] = {
  info: (text) => core.info(logLines(text)),
  warn: (text) => core.warning(text),
  progress: (label, total, unit) => {
    let last = Date.now();
    return {
      update: (done) => {
        if (Date.now() - last < plainLineMs) return;
        last = Date.now();
        core.info(`${label}: ${done}/${total} ${unit}`);
      },
      end: () => {},
    };
  },
};

/** The `backend` input. @throws MainstemError INPUT_INVALID naming the choices */
export function backendInput(): BackendChoice {
  const name = core.getInput('backend');
  const choice = backendChoices.find((known) => known === name);
  if (choice) return choice;
  const allowed = `one of ${backendChoices.join(', ')}`;
  throw new MainstemError('INPUT_INVALID', { input: 'backend', value: `"${name}"`, allowed });
}

/** The `seeds` input: a whole number, 1 if it is empty. @throws MainstemError INPUT_INVALID */
export function seedsInput(): number {
  return parseNumber(core.getInput('seeds') || '1', { input: 'seeds', least: 1, most: mostSeeds });
}
