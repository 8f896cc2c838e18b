import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/** Source files by path relative to the repository. */
export type Sources = ReadonlyMap<string, string>;

/** Folders of `pipeline` that every stage may use. */
const shared = ['data', 'features', 'backends', 'stages', 'decision'];
/** Folders of `pipeline` that pass values through run.ts and never import one another. */
const stages = ['validation', 'training', 'evaluation', 'package', 'report', 'init'];

const pipelineParts = [...shared, ...stages].map((folder) => `pipeline/${folder}`);
const sharedParts = shared.map((folder) => `pipeline/${folder}`);
const words = ['pipeline/lib', 'pipeline/words'];

/** Which parts each part may import, beside itself. Composition roots may import everything named for them. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'pipeline/lib': [],
  'pipeline/words': ['pipeline/lib'],
  ...Object.fromEntries(sharedParts.map((part) => [part, [...words, ...sharedParts]])),
  ...Object.fromEntries(stages.map((folder) => [`pipeline/${folder}`, [...words, ...sharedParts]])),
  'pipeline/projects': [...words, ...sharedParts],
  'pipeline/flow': [...words, ...pipelineParts],
  'pipeline/root': [...words, ...pipelineParts, 'pipeline/flow', 'models', 'monitoring'],
  models: [...words, ...pipelineParts],
  monitoring: [...words, ...pipelineParts],
  serving: [...words, ...sharedParts, 'models', 'monitoring'],
  infra: [],
  '.github/actions': [
    ...words,
    ...pipelineParts,
    'pipeline/flow',
    'pipeline/root',
    'models',
    'monitoring',
  ],
};

/** Parts that outsiders enter by any file; all others only through their index.ts. */
const open = new Set(['pipeline/lib', 'pipeline/words', 'pipeline/flow', 'pipeline/root']);

/** Files that are entered directly, because index.ts would load schemas that there is no time for. */
const direct = new Set(['pipeline/stages/module.ts']);

/** Each import that breaks a rule of DESIGN.md §2, as a sentence; cycles between files too. */
export function checkImports(sources: Sources): string[] {
  const edges = [...sources].flatMap(([path, text]) =>
    relativeImports(path, text).map((target) => ({ from: path, to: target })),
  );
  const broken = edges.flatMap(({ from, to }) => checkEdge(from, to, sources));
  return [...broken, ...checkCycles(edges)];
}

function checkEdge(from: string, to: string, sources: Sources): string[] {
  if (!sources.has(to) && !to.endsWith('.json') && !to.endsWith('.js')) {
    return [`${from} imports ${to}, which does not exist`];
  }
  const source = partOf(from);
  const target = partOf(to);
  if (source === undefined) return [];
  if (source === target) return acrossProjects(from, to);
  if (target === undefined || !allowed[source]?.includes(target)) {
    return [`${from} (${source}) may not import ${to} (${target ?? 'outside'})`];
  }
  if (open.has(target) || direct.has(to) || posix.basename(to) === 'index.ts') return [];
  return [`${from} enters ${target} through ${posix.basename(to)}; only index.ts is public`];
}

/** One project never reads another's files. */
function acrossProjects(from: string, to: string): string[] {
  const project = (path: string) => /^pipeline\/projects\/([^/]+)\//.exec(path)?.[1];
  return project(from) === project(to) ? [] : [`${from} may not import ${to} of another project`];
}

/** The part that a file belongs to; undefined for tests, benchmarks and docs, which may import everything. */
function partOf(path: string): string | undefined {
  if (/^(tests|bench|docs)\//.test(path)) return undefined;
  if (path.startsWith('.github/actions/')) return '.github/actions';
  const [top = '', folder = ''] = path.split('/');
  if (top !== 'pipeline') return top;
  if (/^pipeline\/(types|define|assert-definition)\.ts$/.test(path)) return 'pipeline/words';
  if (path === 'pipeline/cli.ts' || folder === 'commands') return 'pipeline/root';
  if (path.split('/').length === 2) return 'pipeline/flow';
  return `pipeline/${folder}`;
}

function relativeImports(path: string, text: string): string[] {
  const { module } = parseSync(path, text);
  const specifiers = [
    ...module.staticImports.map((found) => found.moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => {
      const literal = /^['"](.+)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
      return literal?.[1] ?? [];
    }),
  ];
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

function checkCycles(edges: readonly { from: string; to: string }[]): string[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return cycles;
}
