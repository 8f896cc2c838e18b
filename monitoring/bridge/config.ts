import { type Static, Type } from 'typebox';
import { Convert } from 'typebox/value';
import { MainstemError } from '../../platform/lib/errors.ts';
import { plural } from '../../platform/lib/plural.ts';
import { readEnvironment } from '../../platform/lib/read-environment.ts';
import { readText } from '../../platform/lib/read-text.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';

/** All settings of the bridge. Secrets stand in files, whose paths these are. */
export const BridgeSettings = Type.Object({
  host: Type.String({ minLength: 1 }),
  /** 0 takes any free port. */
  port: Type.Integer({ minimum: 0, maximum: 65_535, allowed: 'a whole number from 0 to 65535' }),
  /** The repository that is asked to retrain: `owner/name`. */
  repository: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\\.{1,2}$)[A-Za-z0-9_.-]{1,100}$',
    allowed: 'the repository as GitHub names it, owner/name',
  }),
  /** Base address of GitHub's API. */
  api: Type.String({
    pattern: '^https?://[^\\s?#]+$',
    allowed: 'an address that begins with https://',
  }),
  /** File with the token that Alertmanager shows: 32 or more characters. */
  secretFile: Type.String({ minLength: 1 }),
  /** File with a token for GitHub; '' where an app signs in. */
  tokenFile: Type.String(),
  /** Client id of the app; '' where there is a token. */
  appClientId: Type.String(),
  /** File with the app's private key as PEM. */
  appKeyFile: Type.String(),
  /** File that remembers what was asked, so that a restart asks nothing twice and forgets nothing. */
  stateFile: Type.String({ minLength: 1 }),
  /** Projects that alerts may name, separated by commas; '' for any. */
  projects: Type.String(),
  /** Hours between two dispatches of one kind for one project. */
  coolDownHours: Type.Number({ minimum: 0, maximum: 24 * 365 }),
  /** Dispatches that may wait at once; notifications beyond them are answered with 503, and Alertmanager tries again. */
  queue: Type.Integer({ minimum: 1, maximum: 1000 }),
  logLevel: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
});
export type BridgeSettings = Static<typeof BridgeSettings>;

/** Setting → environment variable. */
export const bridgeVariables = {
  host: 'HOST',
  port: 'PORT',
  repository: 'MAINSTEM_BRIDGE_REPOSITORY',
  api: 'MAINSTEM_BRIDGE_API',
  secretFile: 'MAINSTEM_BRIDGE_SECRET_FILE',
  tokenFile: 'MAINSTEM_BRIDGE_TOKEN_FILE',
  appClientId: 'MAINSTEM_BRIDGE_APP_CLIENT_ID',
  appKeyFile: 'MAINSTEM_BRIDGE_APP_KEY_FILE',
  stateFile: 'MAINSTEM_BRIDGE_STATE_FILE',
  projects: 'MAINSTEM_BRIDGE_PROJECTS',
  coolDownHours: 'MAINSTEM_BRIDGE_COOL_DOWN_HOURS',
  queue: 'MAINSTEM_BRIDGE_QUEUE',
  logLevel: 'LOG_LEVEL',
} as const satisfies Record<keyof BridgeSettings, string>;

const defaults = {
  host: '127.0.0.1',
  port: 8090,
  api: 'https://api.github.com',
  tokenFile: '',
  appClientId: '',
  appKeyFile: '',
  stateFile: '.mainstem/bridge.json',
  projects: '',
  coolDownHours: 24,
  queue: 32,
  logLevel: 'info',
} as const satisfies Partial<BridgeSettings>;

/** How the bridge proves to GitHub who it is. */
export type Credentials =
  | { readonly token: string }
  | { readonly clientId: string; readonly privateKey: string };

/** The settings with the secrets that they name. */
export interface BridgeConfig extends BridgeSettings {
  readonly secret: string;
  readonly credentials: Credentials;
}

/**
 * Reads the settings from the environment and the secrets from their files.
 *
 * @throws MainstemError BRIDGE_CONFIG_INVALID naming the environment variable, FILE_UNREADABLE
 */
export async function readBridgeConfig(environment: NodeJS.ProcessEnv): Promise<BridgeConfig> {
  const settings = parseSettings(environment);
  const secret = await readSecret(settings.secretFile);
  if (secret.length < 32) {
    const found = `the path of ${plural(secret.length, 'character')}`;
    throw invalid('secretFile', 'that of 32 or more random ones', found);
  }
  return { ...settings, secret, credentials: await readCredentials(settings) };
}

/** Without secrets. @throws MainstemError BRIDGE_CONFIG_INVALID */
export function parseSettings(environment: NodeJS.ProcessEnv): BridgeSettings {
  const set = readEnvironment(bridgeVariables, environment);
  const merged = Convert(BridgeSettings, { ...defaults, ...set });
  const fault = findSchemaFault(BridgeSettings, merged);
  if (fault) throw invalid(fault.key, fault.allowed.replace(/^must be /, ''), fault.value);
  const settings = merged as BridgeSettings;
  assertSafe(settings.api);
  return settings;
}

/** A token crosses the network to GitHub only encrypted; only tests on this machine go without. */
function assertSafe(api: string): void {
  const url = URL.parse(api);
  const local = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !local)
    throw invalid('api', 'an address that begins with https://', JSON.stringify(api));
}

async function readCredentials(settings: BridgeSettings): Promise<Credentials> {
  const { tokenFile, appClientId, appKeyFile } = settings;
  const other = bridgeVariables.appClientId;
  if (tokenFile === '' && appClientId === '')
    throw invalid('tokenFile', `set, or ${other} in its place`, 'not set');
  if (tokenFile !== '' && appClientId !== '')
    throw invalid('tokenFile', 'the only one of the two', `set beside ${other}`);
  if (tokenFile !== '') {
    const token = await readSecret(tokenFile);
    if (!/^[\x21-\x7e]+$/.test(token))
      throw invalid('tokenFile', 'that of one token', 'the path of other text');
    return { token };
  }
  if (appKeyFile === '') throw invalid('appKeyFile', `set, as ${other} is`, 'not set');
  const privateKey = await readSecret(appKeyFile);
  if (!privateKey.includes('PRIVATE KEY'))
    throw invalid('appKeyFile', 'that of a private key as PEM', 'the path of other text');
  return { clientId: appClientId, privateKey };
}

async function readSecret(path: string): Promise<string> {
  return (await readText(path)).trim();
}

/** @param value what it is, in words where it could be a secret */
function invalid(key: string, allowed: string, value: string): MainstemError {
  const variable = Object.entries(bridgeVariables).find(([name]) => name === key)?.[1] ?? key;
  return new MainstemError('BRIDGE_CONFIG_INVALID', { key: variable, value, allowed });
}
