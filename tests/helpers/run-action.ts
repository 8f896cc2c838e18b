import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** What a step of a workflow gives an action. */
export interface ActionCall {
  /** Folder below .github/actions. */
  readonly action: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** The event's payload. */
  readonly event?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Repository whose copy of the action runs. @default this one */
  readonly root?: string;
}

export interface ActionResult {
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly log: string;
}

/**
 * Runs an action as the runner does: `node24 main.ts` with INPUT_* and the command files, defaults from its
 * action.yml, the event as a file. Contract: actions/runner, NodeScriptActionHandler.
 */
export async function runAction(call: ActionCall): Promise<ActionResult> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-action-'));
  const files = {
    output: join(folder, 'output'),
    summary: join(folder, 'summary'),
    event: join(folder, 'event'),
  };
  await writeFile(files.output, '');
  await writeFile(files.summary, '');
  await writeFile(files.event, JSON.stringify(call.event ?? {}));
  try {
    const repository = call.root ?? root;
    const main = join(repository, '.github/actions', call.action, 'main.ts');
    const { code, log } = await runNode(main, repository, {
      ...(await inputEnvironment(repository, call)),
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_EVENT_PATH: files.event,
      GITHUB_REPOSITORY: 'jen/farm',
      GITHUB_WORKSPACE: repository,
      RUNNER_TEMP: folder,
      ...call.env,
    });
    const [outputs, summary] = await Promise.all([
      readFile(files.output, 'utf8'),
      readFile(files.summary, 'utf8'),
    ]);
    return { code, outputs: parseOutputs(outputs), summary, log };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runNode(
  main: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; log: string }> {
  return new Promise((resolve) => {
    const { PATH = '', HOME = '' } = process.env;
    const options = { cwd, env: { PATH, HOME, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [main], options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, log: stdout + stderr });
    });
  });
}

/** The runner fills in defaults of action.yml and upper-cases names; dashes stay. */
async function inputEnvironment(
  repository: string,
  call: ActionCall,
): Promise<Record<string, string>> {
  const { parse } = await import('yaml');
  const text = await readFile(
    join(repository, '.github/actions', call.action, 'action.yml'),
    'utf8',
  );
  const declared: Record<string, { default?: string }> = parse(text).inputs ?? {};
  const unknown = Object.keys(call.inputs ?? {}).filter((name) => !(name in declared));
  if (unknown.length > 0)
    throw new Error(`action.yml of ${call.action} has no input ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, { default: preset = '' }]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      call.inputs?.[name] ?? String(preset),
    ]),
  );
}

/** `name<<DELIMITER⏎value⏎DELIMITER` blocks. */
function parseOutputs(text: string): Record<string, string> {
  const blocks = text.matchAll(/^([^\n<]+)<<([^\n]+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...blocks].map(([, name = '', , value = '']) => [name, value]));
}
