/*
 * Runs commands in a farm, one after another in this process, each after some damage; prints what each said and did as a
 * line of JSON, and before it the command, so that the parent knows which one hangs.
 *
 *   node drive.ts <farm> <untouched copy> <trials as JSON: [place, damage, command][]>
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandLines, damages, places, restore, state } from './plan.ts';

/** What a command did. */
export interface Trial {
  readonly place: string;
  readonly damage: string;
  readonly command: string;
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Files that were there before or after, but not both, or differ; caches are left out. */
  readonly changed: readonly string[];
}

const [root = '', untouched = '', planned = '[]'] = process.argv.slice(2);
const trials: [string, string, string][] = JSON.parse(planned);
const load = (path: string) => import(pathToFileURL(join(root, path)).href);
const { buildProgram } = await load('pipeline/cli/program.ts');
const { showError } = await load('pipeline/cli/show-error.ts');
const { run } = JSON.parse(readFileSync(join(untouched, 'models/tab/production.json'), 'utf8'));

// A process loads a project once; here it changes between two commands.
let trial = 0;
/** What the trial before has left otherwise than it was. */
let touched = new Set(state);
const projects = pathToFileURL(join(root, 'pipeline/projects')).href;
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url.startsWith(projects) ? { ...found, url: `${found.url}?${trial}` } : found;
  },
});

/** What commands may leave in any state: it is only ever believed if it proves right. */
const caches =
  /^\.mainstem\/(code\.json|stat-cache|unchanged|missing|faults|scratch|inventor)|^\.git\/(index$|logs|objects|COMMIT_EDITMSG|worktrees)/;

const say = (value: unknown) => writeSync(3, `${JSON.stringify(value)}\n`);
let heard = { out: '', err: '' };
process.stdout.write = hearing('out');
process.stderr.write = hearing('err');
process.chdir(root);

for (const [place, damage, command] of trials) {
  trial += 1;
  restore(root, untouched, touched);
  say({ begins: { place, damage, command } });
  applyDamage(place, damage);
  const before = lookAround();
  const exit = await runCommand(command);
  const after = lookAround();
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changed = [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
  const result: Trial = { place, damage, command, exit, ...heard, changed };
  say(result);
  touched = new Set(changed.map(partOf));
  touched.add(partOf(pathOf(place)));
}
process.exit(0);

/** A stream's `write`, which tells who waits for it that the text is out. */
function hearing(stream: 'out' | 'err'): typeof process.stdout.write {
  return (text: string | Uint8Array, ...rest: unknown[]) => {
    heard[stream] += typeof text === 'string' ? text : Buffer.from(text).toString();
    // A server that answers has nothing to complain about; it ends like after Ctrl-C.
    if (/(answers|Serving) at http/.test(String(text))) setImmediate(() => process.emit('SIGINT'));
    const written = rest.at(-1);
    if (typeof written === 'function') setImmediate(() => written(null));
    return true;
  };
}

function applyDamage(place: string, damage: string): void {
  damages.find(({ name }) => name === damage)?.apply(join(root, pathOf(place)));
}

function pathOf(place: string): string {
  return places.find(({ name }) => name === place)?.path(untouched) ?? place;
}

/** The part of the state that a path is in. */
function partOf(path: string): string {
  return state.find((part) => path === part || path.startsWith(`${part}/`)) ?? path;
}

async function runCommand(command: string): Promise<number> {
  heard = { out: '', err: '' };
  process.exitCode = 0;
  // Each command listens; the listeners of earlier ones would take a second signal for impatience.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal);
  const args = (commandLines[command] ?? [command]).map((word) => word.replace('{run}', run));
  try {
    await (await buildProgram(args[0])).parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return showError(error, { root, args });
  }
}

/** Path → kind and content of everything that must not be half-written. */
function lookAround(): Map<string, string> {
  const seen = new Map<string, string>();
  const folders = ['models', 'pipeline/projects', 'data', '.mainstem', 'remote', '.git'];
  for (const folder of folders) look(folder, seen);
  look('data.lock.json', seen);
  return seen;
}

function look(path: string, seen: Map<string, string>): void {
  if (caches.test(path)) return;
  try {
    const found = lstatSync(join(root, path));
    if (found.isSymbolicLink()) seen.set(path, `link to ${readlinkSync(join(root, path))}`);
    else if (found.isFile()) seen.set(path, digest(readFileSync(join(root, path))));
    else if (found.isDirectory())
      for (const name of readdirSync(join(root, path))) look(`${path}/${name}`, seen);
    else seen.set(path, 'special');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code !== 'ENOENT')
      seen.set(path, 'closed');
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
