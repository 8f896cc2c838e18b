import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MainstemError } from './errors.ts';
import { hideSecrets, isSecretName } from './hide-secrets.ts';
import { makeFolderSync } from './make-folder.ts';

/** What was being done when the unexpected happened. */
export interface FaultContext {
  /** The repository's folder. */
  readonly root: string;
  /** The command line, without the program. */
  readonly args: readonly string[];
}

/**
 * The last line of defence: keeps the details of an error that nobody expected in a file, and returns the error that
 * tells a person of it.
 *
 * @returns MainstemError UNEXPECTED, which names the file; `details.report` holds the text if no file could be written
 */
export function reportFault(error: unknown, context: FaultContext): MainstemError {
  const reason = summariseFault(error);
  const report = renderFault(error, context);
  const file = keep(report, context.root);
  const details = file === null ? { file: 'the lines below', report } : { file };
  return new MainstemError('UNEXPECTED', { reason, ...details }, { cause: error });
}

/** Stack, causes, versions and command line of an unexpected error, without what looks like a secret. */
export function renderFault(error: unknown, { root, args }: FaultContext): string {
  const facts = [
    'Mainstem met an error that it did not expect. Please report it with this text.',
    '',
    `when      ${new Date().toISOString()}`,
    `mainstem  ${versionOf(root)}`,
    `node      ${process.version} on ${process.platform} ${process.arch}`,
    `command   mainstem ${hideValues(args).join(' ')}`,
    '',
    inspect(error, { depth: 5, colors: false }),
  ];
  return `${withoutSecrets(facts.join('\n'))}\n`;
}

function versionOf(root: string): string {
  try {
    const manifest: { version?: unknown } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    return String(manifest.version);
  } catch {
    return 'unknown';
  }
}

/** An unexpected error in one line, without what looks like a secret. */
export function summariseFault(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return withoutSecrets(text.split('\n', 1)[0] ?? '');
}

/** In `.mainstem`, or where that cannot be written in the system's folder for temporary files; null if nowhere. */
function keep(report: string, root: string): string | null {
  const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.txt`;
  for (const folder of [join(root, '.mainstem', 'faults'), tmpdir()]) {
    const file = join(folder, folder === tmpdir() ? `mainstem-fault-${name}` : name);
    try {
      makeFolderSync(folder);
      writeFileSync(file, report, { flag: 'wx', mode: 0o600 });
      return file;
    } catch {}
  }
  return null;
}

/** `--token abc` and `--token=abc` without the value. */
function hideValues(args: readonly string[]): string[] {
  return args.map((text, index) => {
    const before = args[index - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && isSecretName(before)) return '***';
    const [name = '', ...value] = text.split('=');
    return value.length > 0 && name.startsWith('-') && isSecretName(name) ? `${name}=***` : text;
  });
}

const secretVariable = /TOKEN|SECRET|PASSW|CREDENTIAL|KEY/;

function withoutSecrets(text: string): string {
  const known = Object.entries(process.env).flatMap(([name, value = '']) =>
    secretVariable.test(name) && value.length >= 8 ? [value] : [],
  );
  const hidden = known.reduce((left, value) => left.replaceAll(value, '***'), text);
  return hideSecrets(hidden);
}
