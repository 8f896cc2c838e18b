import { execFile, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { collectOutput } from '../../../lib/collect-output.ts';
import { dictionary } from '../../../lib/dictionary.ts';
import { ownValue } from '../../../lib/own-value.ts';
import { readFile } from '../../../lib/read-text.ts';
import { forgeRegistry } from './forge-registry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a registry or its token server takes: a name with a password, or a refresh token. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  | { readonly refreshToken: string };

const Auth = Type.Object({
  auth: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  identitytoken: Type.Optional(Type.String()),
});
const DockerConfig = Type.Object({
  auths: Type.Optional(dictionary(Auth)),
  credHelpers: Type.Optional(dictionary(Type.String())),
  credsStore: Type.Optional(Type.String()),
});
const HelperAnswer = Type.Object({ Username: Type.String(), Secret: Type.String() });

/**
 * The credentials for a registry, as other clients find them: docker's or podman's configuration with its credential
 * helpers; for the forge's own registry also GITHUB_TOKEN and GH_TOKEN, and for ghcr.io what `gh` holds. Undefined if
 * there are none.
 *
 * @param host with its port, for example `ghcr.io`
 */
export async function findCredentials(
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  for (const path of configPaths(environment)) {
    const found = await fromConfig(host, path, environment);
    if (found) return found;
  }
  if (host !== forgeRegistry(environment)) return undefined;
  const given = environment.GITHUB_TOKEN || environment.GH_TOKEN;
  const token = given || (host === 'ghcr.io' ? await tokenOfGh(environment) : undefined);
  // The registry takes any name beside a token.
  return token ? { user: 'mainstem', password: token } : undefined;
}

function configPaths(environment: Environment): string[] {
  const docker = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const runtime = environment.XDG_RUNTIME_DIR;
  return [
    ...(environment.REGISTRY_AUTH_FILE ? [environment.REGISTRY_AUTH_FILE] : []),
    join(docker, 'config.json'),
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
  ];
}

async function fromConfig(
  host: string,
  path: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const config = await readConfig(path);
  if (!config) return undefined;
  const helper = ownValue(config.credHelpers ?? {}, host) ?? config.credsStore;
  const helped = helper ? await askHelper(helper, host, environment) : undefined;
  const auth =
    ownValue(config.auths ?? {}, host) ?? ownValue(config.auths ?? {}, `https://${host}`);
  return helped ?? (auth ? fromAuth(auth) : undefined);
}

async function readConfig(path: string): Promise<Static<typeof DockerConfig> | undefined> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Check(DockerConfig, config) ? config : undefined;
  } catch {
    return undefined;
  }
}

function fromAuth(entry: Static<typeof Auth>): Credentials | undefined {
  if (entry.identitytoken) return { refreshToken: entry.identitytoken };
  const text = entry.auth ? Buffer.from(entry.auth, 'base64').toString() : undefined;
  const colon = text?.indexOf(':') ?? -1;
  if (text && colon > 0) {
    return { user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
  }
  const { username, password } = entry;
  return username && password ? { user: username, password } : undefined;
}

/** Runs `docker-credential-<helper> get`; undefined if it is not there or knows nothing. */
async function askHelper(
  helper: string,
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return undefined;
  const text = await pipeTo(`docker-credential-${helper}`, ['get'], host, environment);
  const answer: unknown = text ? parseOrUndefined(text) : undefined;
  if (!Check(HelperAnswer, answer) || !answer.Secret) return undefined;
  return answer.Username === '<token>'
    ? { refreshToken: answer.Secret }
    : { user: answer.Username, password: answer.Secret };
}

/** A helper says a name and a password. */
const mostBytes = 1024 * 1024;

function pipeTo(
  program: string,
  args: readonly string[],
  input: string,
  environment: Environment,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 30_000,
    });
    const said = collectOutput(child.stdout, () => child.kill('SIGKILL'), mostBytes);
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? said.text() : undefined));
    // A helper that is not there closes its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${input}\n`);
  });
}

async function tokenOfGh(environment: Environment): Promise<string | undefined> {
  const options = { env: environment, timeout: 30_000 };
  return promisify(execFile)('gh', ['auth', 'token'], options).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
