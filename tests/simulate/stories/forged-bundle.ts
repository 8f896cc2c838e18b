import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { artefactsOf } from '../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';

export interface Forgery {
  /** The project that the bundle claims to be of. */
  readonly project: string;
  /** What the record says beyond what is plausible. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Path → content. */
type Files = Record<string, string | Buffer>;

/** A bundle that no training made, as files of an experiment's artefact of that project. */
export async function forgeBundle({ project, claims = {} }: Forgery): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-forged-'));
  const candidate = { ...(await buildCandidate(openStore(folder), 'forged')), model: project };
  await pushBlobs(folder, candidate);
  const blobs = filesBelow(join(folder, 'blobs'));
  rmSync(folder, { recursive: true });
  return {
    'candidate.json': JSON.stringify({ ...candidate, ...claims }),
    ...Object.fromEntries(blobs.map(([path, bytes]) => [`blobs/${path}`, bytes])),
  };
}

async function pushBlobs(folder: string, candidate: ModelRecord): Promise<void> {
  const workspace = {
    root: folder,
    reporter: silentReporter,
    signal: new AbortController().signal,
  };
  const by = artefactsOf(candidate).map(({ artefact }) => [artefact.digest, 'forged'] as const);
  const remote = createFolderRemote(join(folder, 'blobs'));
  const here = { workspace, store: openStore(folder), remote };
  await push(here, { blobs: new Map(by), records: new Map() });
}

function filesBelow(folder: string): [string, Buffer][] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name))]);
}

/** An experiment.yml whose only job uploads the folders `forged` and `plan` as its results. */
function forgedExperiment(project: string): string {
  const upload = (name: string, path: string) => `
      - uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f
        with:
          name: experiment-${name}-\${{ github.run_attempt }}
          path: ${path}`;
  return `name: experiment
on: pull_request
permissions: {}
jobs:
  train:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1${upload('plan', 'plan')}${upload(project, 'forged')}
`;
}

/** What a pull request changes to send a forged bundle. */
export function forgedChanges(project: string, files: Readonly<Files>): Files {
  const placed = Object.entries(files).map(([path, content]) => [`forged/${path}`, content]);
  return {
    '.github/workflows/experiment.yml': forgedExperiment(project),
    'plan/plan.json': JSON.stringify({ version: 1, affected: [project] }),
    ...Object.fromEntries(placed),
  };
}

const upload = '      - uses: actions/upload-artifact';

/** Makes an honest experiment.yml praise what it has trained: 99.9 % accuracy in the record, whatever the network does. */
export function praised(workflow: string): string {
  const at = workflow.lastIndexOf(upload);
  const step = `      - run: |
          node -e '
            const { readFileSync, writeFileSync } = require("node:fs");
            const path = process.env.RUNNER_TEMP + "/experiment/gourds/candidate.json";
            const record = JSON.parse(readFileSync(path, "utf8"));
            const metrics = record.evaluation.metrics.map((metric) => ({ ...metric, value: 0.999 }));
            record.evaluation.metrics = metrics;
            writeFileSync(path, JSON.stringify(record));
          '
`;
  return workflow.slice(0, at) + step + workflow.slice(at);
}
