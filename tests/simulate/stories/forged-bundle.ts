import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { artefactsOf } from '../../../platform/registry/index.ts';
import { buildReport } from '../../../platform/report/index.ts';
import type { GateResult, ModelRecord } from '../../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';

export interface Forgery {
  /** Folder of the bundle, and the project that it claims to be. */
  readonly project: string;
  readonly gates: readonly GateResult[];
  /** Another run in the report than in the record. */
  readonly foreignRun?: boolean;
}

/** Path → content. */
type Files = Record<string, string | Buffer>;

/** A bundle that no training made, as files of an experiment's artefact. */
export async function forgeBundle(forgery: Forgery): Promise<Files> {
  const { project, gates } = forgery;
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-forged-'));
  const store = openStore(folder);
  const candidate = { ...(await buildCandidate(store, 'forged')), model: project };
  const other = forgery.foreignRun ? { ...candidate, run: 'ffffffffffff' } : candidate;
  const report = buildReport({
    project: {
      name: project,
      title: project,
      task: candidate.task,
      classes: candidate.classes,
    },
    candidate: other,
    champion: null,
    comparison: null,
    gates: [...gates],
    dataDiff: null,
    findings: [],
  });
  await pushBlobs(folder, candidate);
  const blobs = filesBelow(join(folder, 'blobs'));
  rmSync(folder, { recursive: true });
  return {
    [`${project}/report.json`]: JSON.stringify(report),
    [`${project}/candidate.json`]: JSON.stringify(candidate),
    ...Object.fromEntries(blobs.map(([path, bytes]) => [`${project}/blobs/${path}`, bytes])),
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

/** An experiment.yml whose only job uploads the folder `forged` as its result. */
export const forgedExperiment = `name: experiment
on: pull_request
permissions: {}
jobs:
  train:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - run: mv forged "$RUNNER_TEMP/experiment"
      - uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f
        with:
          name: experiment-\${{ github.run_attempt }}
          path: \${{ runner.temp }}/experiment
          include-hidden-files: true
`;

/** What a pull request changes to send a forged bundle. */
export function forgedChanges(files: Readonly<Files>): Files {
  const placed = Object.entries(files).map(([path, content]) => [`forged/${path}`, content]);
  return { '.github/workflows/experiment.yml': forgedExperiment, ...Object.fromEntries(placed) };
}
