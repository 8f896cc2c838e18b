import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseValue } from '../../../platform/lib/json.ts';
import { promotedModels, readPointer } from '../../../platform/registry/index.ts';

export interface Reconciliation {
  readonly root: string;
  /** Base address of the server. */
  readonly url: string;
  /** Shell command that deploys the checked-out tree. */
  readonly command: string;
  readonly timeoutSeconds: number;
  readonly report: (text: string) => void;
}

/** The part of the server's `/version` that a deployment compares. */
const Version = Type.Object({
  models: Type.Array(Type.Object({ model: Type.String(), onnx: Type.String() })),
});

const pollMs = 500;

/**
 * Brings the server into line with the pointers in the tree. Repeating it does nothing.
 *
 * @returns whether anything was deployed.
 * @throws MainstemError DEPLOY_FAILED (the command), DEPLOY_TIMEOUT (the server never named the promoted runs)
 */
export async function reconcile(request: Reconciliation): Promise<boolean> {
  const { root, url, report } = request;
  const wanted = await promotedOnnx(root);
  const live = await liveOnnx(url);
  const differences = compare(wanted, live);
  if (live && differences.length === 0) {
    report('The server already serves what production names.');
    return false;
  }
  report(`Deploying: ${differences.join('; ') || 'nothing serves yet'}`);
  await runCommand(request);
  await waitFor(request, wanted);
  return true;
}

async function promotedOnnx(root: string): Promise<Map<string, string>> {
  const wanted = new Map<string, string>();
  for (const name of await promotedModels(root)) {
    const pointer = await readPointer(root, name);
    if (pointer) wanted.set(name, pointer.onnx);
  }
  return wanted;
}

/** Null while nothing answers: an unreachable server is a state to fix, not an error. */
async function liveOnnx(url: string): Promise<Map<string, string> | null> {
  try {
    const answer = await fetch(new URL('version', withSlash(url)), {
      signal: AbortSignal.timeout(5_000),
    });
    if (!answer.ok) return null;
    const { models } = parseValue(await answer.json(), Version, `${url} /version`);
    return new Map(models.map(({ model, onnx }) => [model, onnx]));
  } catch {
    return null;
  }
}

function compare(wanted: Map<string, string>, live: Map<string, string> | null): string[] {
  return [...wanted]
    .filter(([model, onnx]) => live?.get(model) !== onnx)
    .map(
      ([model, onnx]) =>
        `${model} serves ${live?.get(model) ?? 'nothing'}, production names ${onnx}`,
    );
}

async function runCommand({ root, command }: Reconciliation): Promise<void> {
  const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0) throw new MainstemError('DEPLOY_FAILED', { command, exit: code });
}

async function waitFor(
  { url, timeoutSeconds }: Reconciliation,
  wanted: Map<string, string>,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  let differences = ['nothing answers'];
  while (Date.now() < deadline) {
    const live = await liveOnnx(url);
    differences = live ? compare(wanted, live) : ['nothing answers'];
    if (differences.length === 0) return;
    await pause(pollMs);
  }
  const found = differences.join('; ');
  throw new MainstemError('DEPLOY_TIMEOUT', { url, seconds: timeoutSeconds, found });
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
