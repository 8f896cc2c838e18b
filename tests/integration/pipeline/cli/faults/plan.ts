import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/*
 * What is tried: every command, with every kind of damage at every place that commands read or write. Used by the test,
 * which plans, and by the driver, which runs in a process of its own and may be stopped.
 */

/** The words after `mainstem` for every command; the test fails if one of pipeline/cli/commands is missing here. */
export const commandLines: Readonly<Record<string, readonly string[]>> = {
  start: ['start', 'tab', '--port', '0'],
  init: ['init', 'other', '--from', 'data/tab.csv', '--label', 'kind'],
  backbone: ['backbone', 'add', 'data/tab.csv'],
  backend: ['backend', 'check', 'wasm'],
  collect: ['collect', 'tab'],
  data: ['data', 'show', 'tab'],
  import: ['import', 'dvc', 'data'],
  features: ['features', 'snapshot', 'tab'],
  'ingest-feedback': ['ingest-feedback', 'tab'],
  lock: ['lock', 'tab'],
  status: ['status'],
  checkout: ['checkout', '--force'],
  diff: ['diff'],
  push: ['push', '--remote', 'remote'],
  publish: ['publish', '--remote', 'remote', '--key', 'key.pem'],
  pull: ['pull', '--remote', 'remote'],
  fsck: ['fsck', '--repair'],
  gc: ['gc', '--delete', '--grace', '0'],
  validate: ['validate', 'tab', '--force'],
  run: ['run', 'tab'],
  experiment: ['experiment', 'tab'],
  sweep: ['sweep', 'tab', '--trials', '1'],
  trial: ['trial', 'tab', '--values', '{}'],
  compile: ['compile', 'tab', '--to', 'argo', '--image', 'tab', '--remote', 's3://tab'],
  report: ['report', 'tab'],
  drift: ['drift', 'tab'],
  rank: ['rank', 'tab'],
  promote: ['promote', 'tab'],
  rollback: ['rollback', 'tab'],
  history: ['history', 'tab'],
  show: ['show', 'tab'],
  card: ['card', 'tab'],
  export: ['export', 'web', 'tab'],
  score: ['score', 'tab'],
  verify: ['verify', 'tab'],
  reproduce: ['reproduce', '{run}'],
  doctor: ['doctor'],
  keys: ['keys', 'add', '--name', 'town', '--scopes', 'predict'],
  serve: ['serve', '--port', '0'],
};

/** These start other processes or train twice: each place is tried with them, but not every kind of damage at each. */
export const slow: ReadonlySet<string> = new Set(['start', 'serve', 'reproduce', 'sweep']);

/** A file or a folder that commands read or write. */
export interface Place {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Relative to the farm; a pattern's first match where a name is not known beforehand. */
  readonly path: (root: string) => string;
  /** Damages that are not tried here. */
  readonly except?: readonly string[];
}

/** git itself waits for somebody to write into it, until Ctrl-C. */
const ofGit = { except: ['a pipe'] };

const at = (path: string) => () => path;
const firstIn = (folder: string, end: string) => (root: string) => {
  const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return join(folder, found.filter((name) => name.endsWith(end)).sort()[0] ?? `missing${end}`);
};

export const places: readonly Place[] = [
  { name: 'project.ts', kind: 'file', path: at('pipeline/projects/tab/project.ts') },
  { name: 'params.json', kind: 'file', path: at('pipeline/projects/tab/params.json') },
  { name: 'sweep.json', kind: 'file', path: at('pipeline/projects/tab/sweep.json') },
  { name: 'model.ts', kind: 'file', path: at('pipeline/projects/tab/model.ts') },
  { name: 'lock', kind: 'file', path: at('data.lock.json') },
  { name: 'pointer', kind: 'file', path: at('models/tab/production.json') },
  { name: 'record', kind: 'file', path: servingRecord },
  { name: 'candidate', kind: 'file', path: at('.mainstem/runs/tab/candidate.json') },
  { name: 'report', kind: 'file', path: firstIn('.mainstem/runs/tab', 'report.json') },
  { name: 'table', kind: 'file', path: at('data/tab.csv') },
  { name: 'pack', kind: 'file', path: firstIn('.mainstem/store/packs', '.pack') },
  { name: 'index', kind: 'file', path: firstIn('.mainstem/store/packs', '.idx') },
  { name: 'stage record', kind: 'file', path: firstIn('.mainstem/store/records', '.json') },
  { name: 'HEAD', kind: 'file', path: at('.git/HEAD'), ...ofGit },
  { name: 'git index', kind: 'file', path: at('.git/index'), ...ofGit },
  { name: 'projects', kind: 'folder', path: at('pipeline/projects') },
  { name: 'project', kind: 'folder', path: at('pipeline/projects/tab') },
  { name: 'data', kind: 'folder', path: at('data') },
  { name: 'models', kind: 'folder', path: at('models') },
  { name: 'records', kind: 'folder', path: at('models/tab/records') },
  { name: '.mainstem', kind: 'folder', path: at('.mainstem') },
  { name: 'runs', kind: 'folder', path: at('.mainstem/runs/tab') },
  { name: 'store', kind: 'folder', path: at('.mainstem/store') },
  { name: 'objects', kind: 'folder', path: at('.mainstem/store/objects') },
  { name: 'packs', kind: 'folder', path: at('.mainstem/store/packs') },
  { name: 'remote', kind: 'folder', path: at('remote') },
  { name: '.git', kind: 'folder', path: at('.git') },
];

function servingRecord(root: string): string {
  const pointer: { run: string } = JSON.parse(
    readFileSync(join(root, 'models/tab/production.json'), 'utf8'),
  );
  return `models/tab/records/${pointer.run}.json`;
}

/** Damage done to a path. */
export interface Damage {
  readonly name: string;
  readonly to: 'file' | 'folder' | 'both';
  /** Only where the permissions of files count. */
  readonly permissions?: boolean;
  readonly apply: (path: string) => void;
}

export const damages: readonly Damage[] = [
  { name: 'missing', to: 'both', apply: remove },
  { name: 'unreadable', to: 'both', permissions: true, apply: (path) => chmodSync(path, 0o000) },
  { name: 'read-only', to: 'both', permissions: true, apply: makeReadOnly },
  { name: 'a folder instead', to: 'file', apply: (path) => replace(path, () => mkdirSync(path)) },
  {
    name: 'a file instead',
    to: 'folder',
    apply: (path) => replace(path, () => writeFileSync(path, 'not a folder\n')),
  },
  {
    name: 'a link to itself',
    to: 'both',
    apply: (path) => replace(path, () => symlinkSync(path, path)),
  },
  {
    name: 'a link to nothing',
    to: 'both',
    apply: (path) => replace(path, () => symlinkSync('/nowhere/at/all', path)),
  },
  {
    name: 'a pipe',
    to: 'both',
    apply: (path) => replace(path, () => execFileSync('mkfifo', [path])),
  },
  { name: 'empty', to: 'file', apply: (path) => truncateSync(path, 0) },
  { name: 'emptied', to: 'folder', apply: (path) => replace(path, () => mkdirSync(path)) },
  {
    name: 'cut short',
    to: 'file',
    apply: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  },
  { name: 'in conflict', to: 'file', apply: conflict },
  {
    name: 'garbage',
    to: 'file',
    apply: (path) => writeFileSync(path, Buffer.from(garbage)),
  },
  { name: 'with hostile names', to: 'folder', apply: addHostileNames },
];

const garbage = Array.from({ length: 999 }, (_, index) => (index * index * 31 + 7) % 256);

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function replace(path: string, by: () => void): void {
  remove(path);
  by();
}

function makeReadOnly(path: string): void {
  chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
  if (!statSync(path).isDirectory()) chmodSync(dirname(path), 0o555);
}

function conflict(path: string): void {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const middle = Math.floor(lines.length / 2);
  const both = ['<<<<<<< HEAD', lines[middle], '=======', lines[middle], '>>>>>>> other'];
  writeFileSync(path, lines.toSpliced(middle, 1, ...both.map((line) => line ?? '')).join('\n'));
}

/** Names of files and folders that a terminal, a shell or a log could take for something else. */
export const hostileNames: readonly string[] = [
  'line\nbreak\n::error::forged',
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07bell',
  '--option',
  '-rf',
  'x'.repeat(250),
  '\u202ereversed',
  'quote\'"$(touch owned)`touch owned`',
  ' blank ',
];

function addHostileNames(folder: string): void {
  for (const name of hostileNames) {
    writeFileSync(join(folder, name), 'x');
    mkdirSync(join(folder, `${name.slice(0, 200)}.d`));
    writeFileSync(join(folder, `${name.slice(0, 200)}.d`, `${name.slice(0, 100)}.json`), '{');
  }
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9, 0xff])]), 'x');
}

/** Where the state of a farm is: what commands change, and what is restored between them. */
export const state = [
  ...['.git', '.mainstem', 'models', 'data', 'data.lock.json', 'pipeline/projects', 'remote'],
];

/** Makes parts of a farm's state those of its untouched copy. */
export function restore(root: string, untouched: string, parts: Iterable<string>): void {
  chmodSync(root, 0o755);
  for (const part of parts) {
    const path = join(root, part);
    makeRemovable(path);
    remove(path);
    const kept = join(untouched, part);
    if (existsSync(kept)) cpSync(kept, path, { recursive: true, preserveTimestamps: true });
  }
}

/** Folders without permissions cannot be emptied. */
function makeRemovable(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return;
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) makeRemovable(join(path, entry.name));
}
