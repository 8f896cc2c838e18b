// A kubectl and a cluster in one: Jobs are files in a folder, and each pod is a process on this machine. It has the rules of Kubernetes
// that Mainstem relies on: a name is taken once, a selector selects, arguments expand `$(NAME)`, secrets must be there, a pod
// that fails is tried again as backoffLimit and podFailurePolicy say, and conditions say how a Job ended.
//   node stand-in-kubectl.ts FOLDER create|get|delete …          what kubectl is asked
//   node stand-in-kubectl.ts FOLDER run NAME                     what the controller and the node do
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly workingDir: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Job {
  readonly kind: 'Job';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly backoffLimit: number;
    readonly podFailurePolicy: {
      readonly rules: readonly {
        readonly action: string;
        readonly onExitCodes?: { readonly values: readonly number[] };
      }[];
    };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly secret?: { readonly secretName: string };
        }[];
      };
    };
  };
}

/** What the cluster has beside Jobs: images (name → folder with what they hold) and secrets. */
interface Settings {
  readonly images: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly path: string;
}

const [folder = '', verb = '', ...rest] = process.argv.slice(2);
const settings: Settings = readJson(join(folder, 'cluster.json'));
const [jobs, pods] = [join(folder, 'jobs'), join(folder, 'pods')];
for (const each of [jobs, pods]) mkdirSync(each, { recursive: true });

if (verb === 'create') create(JSON.parse(readFileSync(0, 'utf8')));
else if (verb === 'get') get(option('--selector'));
else if (verb === 'delete') remove(rest[1] ?? '');
else if (verb === 'run') await control(rest[0] ?? '');
else refuse(`error: unknown command "${verb}"`);

function create(job: Job): void {
  const { name } = job.metadata;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    refuse(`The Job "${name}" is invalid: metadata.name: Invalid value: "${name}"`);
  const path = join(jobs, `${name}.json`);
  if (existsSync(path))
    refuse(
      `Error from server (AlreadyExists): error when creating "STDIN": jobs.batch "${name}" already exists`,
    );
  writeFileSync(path, JSON.stringify(job), { flag: 'wx' });
  spawn(process.execPath, [import.meta.filename, folder, 'run', name], {
    ...{ detached: true, stdio: 'ignore' },
  }).unref();
  process.stdout.write(`job.batch/${name}\n`);
}

function get(selector: string): void {
  const [key = '', value] = selector.split('=');
  const items = [...readAll(jobs), ...readAll(pods)].filter(
    ({ metadata }) => metadata.labels[key] === value,
  );
  process.stdout.write(JSON.stringify({ kind: 'List', items }));
}

function remove(name: string): void {
  for (const each of [jobs, pods])
    for (const file of readdirSync(each))
      if (file === `${name}.json` || file.startsWith(`${name}-`))
        rmSync(join(each, file), { recursive: true });
}

/** Runs pods until one ends well, or the Job has failed. */
async function control(name: string): Promise<void> {
  const job: Job = readJson(join(jobs, `${name}.json`));
  const { backoffLimit, podFailurePolicy } = job.spec;
  for (let failures = 0; failures <= backoffLimit; failures++) {
    const code = await runPod(job, `${name}-${failures}`);
    if (code === null) return;
    if (code === 0) return settle(job, { type: 'Complete', status: 'True' });
    const isFinal = podFailurePolicy.rules.some(
      ({ action, onExitCodes }) => action === 'FailJob' && onExitCodes?.values.includes(code),
    );
    if (isFinal)
      return fail(job, 'PodFailurePolicy', `Container main failed with exit code ${code}`);
  }
  fail(job, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
}

function fail(job: Job, reason: string, message: string): void {
  settle(job, { type: 'Failed', status: 'True', reason, message });
}

function settle(job: Job, condition: object): void {
  const status = { conditions: [condition] };
  writeFileSync(join(jobs, `${job.metadata.name}.json`), JSON.stringify({ ...job, status }));
}

/** @returns the exit code; null for a pod that cannot start */
async function runPod(job: Job, name: string): Promise<number | null> {
  const [container] = job.spec.template.spec.containers;
  const tell = (state: object) => {
    const labels = {
      ...job.spec.template.metadata.labels,
      'batch.kubernetes.io/job-name': job.metadata.name,
    };
    const metadata = { name, labels, creationTimestamp: new Date().toISOString() };
    const pod = { kind: 'Pod', metadata, status: { containerStatuses: [{ state }] } };
    writeFileSync(join(pods, `${name}.json`), JSON.stringify(pod));
  };
  const wait = (reason: string, message: string) => {
    tell({ waiting: { reason, message } });
    return null;
  };
  const image = settings.images[container.image];
  if (image === undefined)
    return wait('ImagePullBackOff', `Back-off pulling image "${container.image}"`);
  const missing = container.env.find(
    ({ valueFrom }) => valueFrom && secretOf(valueFrom.secretKeyRef) === undefined,
  );
  if (missing)
    return wait(
      'CreateContainerConfigError',
      `secret "${missing.valueFrom?.secretKeyRef.name}" not found`,
    );
  // A file system of its own; other pods see nothing of what is written.
  const root = join(pods, name);
  cpSync(image, join(root, container.workingDir), { recursive: true, verbatimSymlinks: true });
  for (const { name: volume, mountPath } of container.volumeMounts)
    mount(job, volume, join(root, mountPath));
  const env = environmentOf(container, root);
  const words = [...container.command, ...container.args].map((word) => expand(word, env));
  const { code, output } = await runProcess(words, join(root, container.workingDir), env);
  const message = code === 0 ? {} : { message: output.slice(-2048) };
  tell({ terminated: { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', ...message } });
  return code;
}

function mount(job: Job, name: string, path: string): void {
  mkdirSync(path, { recursive: true });
  const volume = job.spec.template.spec.volumes.find((one) => one.name === name);
  const secret = settings.secrets[volume?.secret?.secretName ?? ''] ?? {};
  for (const [key, value] of Object.entries(secret)) writeFileSync(join(path, key), value);
}

function secretOf({ name, key }: { readonly name: string; readonly key: string }) {
  return settings.secrets[name]?.[key];
}

/** Nothing of this process, and the paths of the pod in its folder here. */
function environmentOf({ env }: Container, root: string): Record<string, string> {
  const set = env.map(({ name, value, valueFrom }) => {
    const text = valueFrom ? secretOf(valueFrom.secretKeyRef) : value;
    return [name, text?.startsWith('/') ? join(root, text) : (text ?? '')] as const;
  });
  return { PATH: settings.path, ...Object.fromEntries(set), TMPDIR: join(root, 'tmp') };
}

/** As a node does: `$(NAME)` is the variable, if there is one, and `$$(` is `$(`. */
function expand(word: string, env: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\$|\$\(([A-Za-z_]\w*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? found),
  );
}

function runProcess(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: 128, output: error.message }));
    child.on('close', (code) => {
      writeFileSync(join(dirname(cwd), 'log'), output);
      resolve({ code: code ?? 137, output });
    });
  });
}

function readAll(from: string): { metadata: { labels: Record<string, string> } }[] {
  return readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson(join(from, name)));
}

function readJson<Value>(path: string): Value {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function option(name: string): string {
  return rest[rest.indexOf(name) + 1] ?? '';
}

function refuse(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}
