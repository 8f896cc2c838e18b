import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line of a clone as a user would, colours off. */
export function mainstem(clone: string, ...args: string[]): Promise<Outcome> {
  return mainstemWith({}, clone, ...args);
}

/** The same with variables of its environment. */
export function mainstemWith(
  variables: Readonly<Record<string, string>>,
  clone: string,
  ...args: string[]
): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...plainEnvironment(), ...variables };
    const options = { cwd: clone, env, maxBuffer: 64 * 1024 * 1024 };
    const file = join(clone, 'pipeline', 'cli', 'bootstrap.js');
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, stdout, stderr });
    });
  });
}

export interface Started {
  readonly url: string;
  stop(): Promise<number>;
}

/** Runs `start` until the page answers. @throws Error with all that it said if it ends before */
export function start(clone: string, ...args: string[]): Promise<Started> {
  return startUntil(/answers at (http:\S+)/, clone, ['start', ...args]);
}

/** Runs `serve` until it answers. @throws Error with all that it said if it ends before */
export function serve(clone: string, ...args: string[]): Promise<Started> {
  return serveWith({}, clone, ...args);
}

/** The same with variables of its environment. */
export function serveWith(
  variables: Readonly<Record<string, string>>,
  clone: string,
  ...args: string[]
): Promise<Started> {
  return startUntil(/Serving at (http:\S+)/, clone, ['serve', ...args], variables);
}

function startUntil(
  ready: RegExp,
  clone: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const file = join(clone, 'pipeline', 'cli', 'bootstrap.js');
  const child = spawn(process.execPath, [file, ...args], {
    cwd: clone,
    env: { ...plainEnvironment(), ...variables },
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer) => {
      said += text.toString();
      const url = ready.exec(said)?.[1];
      if (url) resolve({ url, stop });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void ended.then((code) => reject(new Error(`${args[0]} ended with ${code}:\n${said}`)));
  });
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, VITEST: __, ...env } = process.env;
  return { ...env, NO_COLOR: '1' };
}
