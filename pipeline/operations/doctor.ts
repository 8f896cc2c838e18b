import { join } from 'node:path';
import { advise } from '../../platform/lib/advise.ts';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import { git, otherwise } from '../../platform/lib/git.ts';
import { plural } from '../../platform/lib/plural.ts';
import { readFile } from '../../platform/lib/read-text.ts';
import { summariseFault } from '../../platform/lib/report-fault.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import {
  assertOneDefinition,
  collectReferences,
  loadOtherProjects,
  lockedOf,
  openRemote,
  openStore,
  readLock,
} from '../../platform/storage/index.ts';
import { listBackends } from './backends/list-backends.ts';

/** What was found about one thing that files cannot say. */
export interface Diagnosis {
  readonly check: string;
  /** `unknown`: it could not be asked. */
  readonly state: 'ok' | 'warning' | 'failure' | 'unknown';
  readonly message: string;
  /** What to do; '' where nothing is to be done. */
  readonly fix: string;
}

type Check = (workspace: Workspace) => Promise<Omit<Diagnosis, 'check'>>;

/** The checks of this machine and this clone, in the order of the report. */
const checks: Readonly<Record<string, Check>> = {
  Node: checkNode,
  packages: checkPackages,
  'git identity': checkIdentity,
  backends: checkBackends,
  owners: checkOwners,
  datasets: checkDatasets,
  store: checkContents,
  remote: checkRemote,
};

/** Looks at this machine and this clone. It changes nothing and throws nothing: what fails is a finding. */
export async function diagnose(workspace: Workspace): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const [check, run] of Object.entries(checks)) {
    found.push({
      check,
      ...(await run(workspace).catch((error) => failureOf(error, workspace.root))),
    });
  }
  return found;
}

/** The finding for an error. */
export function failureOf(error: unknown, root = ''): Omit<Diagnosis, 'check'> {
  const explained = explainSystemError(error, root);
  const message = explained?.message ?? summariseFault(error);
  return { state: 'failure', message, fix: explained ? advise(explained, root) : '' };
}

const ok = (message: string) => ({ state: 'ok', message, fix: '' }) as const;

async function checkNode({ root }: Workspace) {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const pinned = String(manifest.dependencies?.node);
  const found = process.versions.node;
  if (found === pinned) return ok(`Node ${found}, as pinned.`);
  const message = `Node ${found} runs, ${pinned} is pinned.`;
  return { state: 'failure', message, fix: 'Start commands with "npx mainstem".' } as const;
}

async function checkPackages({ root }: Workspace) {
  const paths = ['package-lock.json', 'node_modules/.mainstem-lock.json'];
  const [wanted, installed] = await Promise.all(
    paths.map((path) => readFile(join(root, path), 'utf8').catch(() => null)),
  );
  if (wanted === installed) return ok('The installed packages are those of package-lock.json.');
  const message = 'Other packages are installed than package-lock.json names.';
  return { state: 'warning', message, fix: 'Run "npm ci".' } as const;
}

async function checkIdentity({ root }: Workspace) {
  const keys = ['user.name', 'user.email'];
  const values = await Promise.all(
    keys.map((key) => git(root, 'config', key).catch(otherwise(''))),
  );
  const missing = keys.filter((_, index) => values[index] === '');
  if (missing.length === 0) return ok(`Commits are by ${values[0]} <${values[1]}>.`);
  const fix = missing.map((key) => `git config --global ${key} "…"`).join(' && ');
  return { state: 'failure', message: `Git does not know ${missing.join(' and ')}.`, fix } as const;
}

/** What is not installed is nobody's fault; what is installed and does not work is. */
async function checkBackends() {
  const found = await listBackends();
  const chosen = found.find((each) => each.chosen);
  const others = found.filter((each) => each !== chosen).map(({ name, why }) => `${name}: ${why}`);
  const message = `"auto" takes ${chosen?.class}. ${others.join('; ')}.`;
  const broken = found.find(({ usable, installed }) => installed && !usable);
  if (!broken) return ok(message);
  const fix = `Run "npx mainstem backend install ${broken.name} --force", or delete its folder.`;
  return { state: 'warning', message, fix } as const;
}

async function checkOwners({ root }: Workspace) {
  const text = await readFile(join(root, '.github/CODEOWNERS'), 'utf8');
  if (!text.includes('@OWNER/')) return ok('The code owners are set.');
  const message = 'CODEOWNERS still names the template’s teams: nobody is asked to review.';
  const fix = 'Put your teams into platform.json, then "npm run docs".';
  return { state: 'warning', message, fix } as const;
}

/** Each dataset of the lock is defined by one project, or equally by several; what cannot be loaded, its own commands say. */
async function checkDatasets({ root }: Workspace) {
  const { projects } = await loadOtherProjects(root, null);
  await assertOneDefinition(root, projects);
  const names = new Set(projects.flatMap((project) => lockedOf(project).map(({ name }) => name)));
  return ok(`Each of ${plural(names.size, 'dataset')} has one definition.`);
}

async function checkContents({ root }: Workspace) {
  const store = openStore(root);
  const { blobs } = await collectReferences(store, { root, lock: await readLock(root) });
  let missing = 0;
  for (const digest of blobs.keys()) if (!(await store.has(digest))) missing += 1;
  if (missing === 0) return ok(`The store has all ${plural(blobs.size, 'blob')} of this commit.`);
  const message = `The store lacks ${missing} of ${plural(blobs.size, 'blob')} that this commit names.`;
  const fix = 'Run "npx mainstem pull", or "npm start", which makes what can be made.';
  return { state: 'warning', message, fix } as const;
}

async function checkRemote({ root, reporter }: Workspace) {
  try {
    const remote = await openRemote(root, { environment: process.env, reporter });
    await remote.assertThere();
    return ok(`The remote ${remote.address} answers.`);
  } catch (error) {
    if (!isMainstemError(error, 'REMOTE_UNSET')) throw error;
    return { state: 'warning', message: error.message, fix: error.hint } as const;
  }
}
