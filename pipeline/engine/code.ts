import { isBuiltin } from 'node:module';
import { posix, relative, sep } from 'node:path';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { type Digest, digestJson } from '../../platform/lib/hash.ts';
import type { ReExport, Reference } from '../../platform/lib/parse-module.ts';
import type { InstalledPackages } from './installed-packages.ts';
import type { ModuleCache } from './module-cache.ts';
import type { Readers } from './readers.ts';

/** The code and packages that a stage's result depends on. */
export interface Code {
  /** Source file relative to the repository → digest of what runs in it. */
  readonly code: Readonly<Record<string, Digest>>;
  /** Package → installed version, and `v8`. */
  readonly packages: Readonly<Record<string, string>>;
}

/**
 * Left out of every key: they word errors and progress, which are part of no result. Otherwise a better hint would
 * retrain everything.
 */
const wordingOnly = new Set([
  'platform/lib/errors.ts',
  'platform/lib/error-codes.ts',
  'platform/lib/printable.ts',
  'platform/lib/system-errors.ts',
  'platform/lib/reporter.ts',
  'pipeline/training/log.ts',
]);

/**
 * Finds the code behind modules by following their imports: static, dynamic with a literal, workers and
 * assets named by a relative path. Through a module that only re-exports (an index.ts), only the files behind
 * the imported names are followed, so that a change in another file changes nothing.
 *
 * @param entries absolute paths.
 * @throws MainstemError CODE_INVALID, CODE_MISSING
 */
export async function readCode(
  root: string,
  entries: readonly string[],
  { modules, installed }: Readers,
): Promise<Code> {
  const walk = createWalk(modules, installed);
  for (const entry of entries) {
    await visit(walk, relative(root, entry).split(sep).join('/'), null, null);
  }
  for (const [file, used] of walk.reExports) walk.code.set(file, digestJson([...used].sort()));
  // Of Node only the engine computes: a patch release that keeps it changes no result.
  walk.packages.set('v8', process.versions.v8.split('.', 2).join('.'));
  return { code: sorted(walk.code), packages: sorted(walk.packages) };
}

interface Walk {
  readonly modules: ModuleCache;
  readonly installed: InstalledPackages;
  readonly code: Map<string, Digest>;
  /** File that only re-exports → names imported from it so far. */
  readonly asked: Map<string, ReadonlySet<string>>;
  /** File that only re-exports → the re-exports behind these names, as text. */
  readonly reExports: Map<string, Set<string>>;
  readonly packages: Map<string, string>;
}

function createWalk(modules: ModuleCache, installed: InstalledPackages): Walk {
  const maps = { code: new Map(), asked: new Map(), reExports: new Map(), packages: new Map() };
  return { modules, installed, ...maps };
}

async function visit(
  walk: Walk,
  file: string,
  names: readonly string[] | null,
  reference: { readonly by: string; readonly maybe?: boolean } | null,
): Promise<void> {
  if (wordingOnly.has(file)) return;
  const facts = await walk.modules.facts(file);
  if (!facts) {
    if (reference?.maybe) return;
    throw new MainstemError('CODE_MISSING', { path: file, by: reference?.by ?? 'a stage' });
  }
  if (facts.reExports && facts.reExports.length > 0) {
    return visitReExports(walk, file, facts.reExports, names);
  }
  if (walk.code.has(file)) return;
  walk.code.set(file, facts.digest);
  for (const target of facts.references) await follow(walk, file, target);
}

async function visitReExports(
  walk: Walk,
  file: string,
  reExports: readonly ReExport[],
  names: readonly string[] | null,
): Promise<void> {
  const asked = newNames(walk, file, reExports, names);
  if (asked.size === 0) return;
  const used = walk.reExports.get(file) ?? new Set();
  walk.reExports.set(file, used);
  for (const reExport of reExports) {
    const wanted = wantedOf(reExport, reExports, asked);
    if (wanted?.length === 0) continue;
    used.add(canonicalJson(reExport));
    await follow(walk, file, { from: reExport.from, names: wanted });
  }
}

/** The names that have not been imported from this file before. */
function newNames(
  walk: Walk,
  file: string,
  reExports: readonly ReExport[],
  names: readonly string[] | null,
): Set<string> {
  const known = walk.asked.get(file) ?? new Set();
  const asked = new Set(names ?? reExports.map(({ name }) => name));
  const fresh = new Set([...asked].filter((name) => !known.has(name)));
  walk.asked.set(file, new Set([...known, ...fresh]));
  return fresh;
}

/** What a re-export imports from its source: names, null for all of them, nothing if it has none of them. */
function wantedOf(
  { name, imported }: ReExport,
  reExports: readonly ReExport[],
  asked: ReadonlySet<string>,
): readonly string[] | null {
  if (name !== '*') return asked.has(name) ? (imported === '*' ? null : [imported]) : [];
  if (asked.has('*')) return null;
  const named = new Set(reExports.map((other) => other.name));
  return [...asked].filter((other) => !named.has(other));
}

async function follow(walk: Walk, by: string, { from, names, maybe }: Reference): Promise<void> {
  if (from.startsWith('.')) {
    const file = posix.join(posix.dirname(by), from.replace(/[?#].*$/, ''));
    if (!file.startsWith('../')) await visit(walk, file, names, { by, maybe: maybe === true });
  } else if (!isBuiltin(from) && !/^([a-z]+:|\/|#)/.test(from)) {
    addPackage(walk, by, packageOf(from));
  }
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Optional packages are left out: they provide a tensor backend, whose class is part of the key, and installing one
 * must not retrain what does not use it.
 */
function addPackage({ packages, installed }: Walk, by: string, name: string): void {
  if (packages.has(name)) return;
  const version = installed.version(by, name);
  if (version && !installed.optional().has(name)) packages.set(name, version);
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
