import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createHandler } from './handler.ts';
import type { Forge, Repository, Settings } from './state.ts';

export { issueToken, jobToken, userToken } from './tokens.ts';

export interface GitHubOptions {
  /** The git folder of the repository: bare, or a clone's. */
  readonly repository: string;
  /** Where forks and artefacts are kept. */
  readonly folder: string;
  readonly fullName?: string;
  readonly settings?: Partial<Settings>;
  /** Accepts every token, as one that may do everything and writes with this login. */
  readonly anyToken?: string;
}

/** The stand-in while it runs. */
export interface GitHub {
  readonly forge: Forge;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a stand-in of GitHub's API and git server over a real repository, on a free port of the loopback. */
export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const forge = createForge(options);
  const handler = createHandler(forge);
  const server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  forge.url = `http://127.0.0.1:${port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { forge, url: forge.url, close };
}

function createForge(options: GitHubOptions): Forge {
  const fullName = options.fullName ?? 'jen/farm';
  const home = repositoryOf(fullName, options.repository, false);
  mkdirSync(join(options.folder, 'artifacts'), { recursive: true });
  return {
    url: '',
    home,
    folder: options.folder,
    settings: {
      vars: {},
      secrets: {},
      environments: {},
      required: null,
      app: null,
      ...options.settings,
    },
    repositories: new Map([[fullName, home]]),
    tokens: new Map(),
    anyToken: options.anyToken ?? null,
    pulls: [],
    comments: [],
    statuses: [],
    checkRuns: [],
    runs: [],
    artifacts: [],
    deployments: [],
    packages: new Map(),
    timeline: [],
    requests: [],
    violations: [],
    listeners: [],
    commands: { rerun: nothingRuns, cancel: nothingRuns },
    faults: [],
    nextId: 100,
  };
}

function nothingRuns(): void {
  throw new Error('No runner is connected to the stand-in.');
}

/** A repository as the stand-in keeps it. */
export function repositoryOf(fullName: string, folder: string, fork: boolean): Repository {
  const [owner = '', name = ''] = fullName.split('/');
  return { fullName, owner, name, folder, fork, defaultBranch: 'main' };
}
