import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/** Source files by path relative to the repository. */
export type Sources = ReadonlyMap<string, string>;

/**
 * The rooms of the house, floor by floor: a room imports lower floors only, never a neighbour on its own floor.
 * A file belongs to the room with the longest path that holds it; `pipeline` is only the files that lie right in it,
 * so that a new folder has to find its floor here.
 */
export const floors: readonly (readonly string[])[] = [
  ['platform/lib', 'infra'],
  ['platform/schemas'],
  ['platform/quality'],
  ['platform/schemas/define'],
  ['platform/transforms', 'platform/registry', 'platform/features'],
  ['platform/storage'],
  ['platform/report', 'platform/cards'],
  ['monitoring'],
  [
    ...['serving', 'pipeline/engine', 'pipeline/backends', 'pipeline/trees', 'pipeline/sources'],
    ...['pipeline/sweep', 'pipeline/features', 'pipeline/cluster'],
  ],
  ['pipeline/prepare', 'pipeline/onnx'],
  ['pipeline/backbones', 'pipeline/embeddings'],
  [
    ...['pipeline/validation', 'pipeline/training', 'pipeline/evaluation', 'pipeline/package'],
    'pipeline/template',
  ],
  ['pipeline', 'pipeline/projects'],
  ['pipeline/operations'],
  ['pipeline/cli', '.github/actions'],
];

/** Rooms that others enter by any file, since each file is one thing; all others only through their index.ts. */
const open = new Set(['platform/lib', 'platform/schemas', 'pipeline', 'pipeline/operations']);

/** Who may import anything: they look at the house from outside. */
const outside = /^(tests|bench|docs)\//;

/** Each import that breaks a rule of docs/architecture.md, as a sentence; cycles between files too. */
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
  if (outside.test(from)) return [];
  const [source, target] = [roomOf(from), roomOf(to)];
  if (source === undefined)
    return [`${from} is in no room: name its folder in tests/repo/floors.ts`];
  if (source === target) return acrossProjects(from, to);
  if (target === undefined || floorOf(target) >= floorOf(source)) {
    return [`${from} (${source}) may not import ${to} (${target ?? 'outside'})`];
  }
  if (open.has(target) || posix.basename(to) === 'index.ts') return [];
  return [`${from} enters ${target} through ${posix.basename(to)}; only index.ts is public`];
}

/** One project never reads another's files. */
function acrossProjects(from: string, to: string): string[] {
  const project = (path: string) => /^pipeline\/projects\/([^/]+)\//.exec(path)?.[1];
  return project(from) === project(to) ? [] : [`${from} may not import ${to} of another project`];
}

/** The room that a file belongs to; undefined where there is none. */
export function roomOf(path: string): string | undefined {
  if (posix.dirname(path) === 'pipeline') return 'pipeline';
  const rooms = floors.flat().filter((room) => room !== 'pipeline' && path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

function floorOf(room: string): number {
  return floors.findIndex((floor) => floor.includes(room));
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
