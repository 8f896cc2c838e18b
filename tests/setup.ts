// Installs the optional real parts that some tests want: Chromium, Prometheus, the AssemblyScript compiler.
// Tests that miss a part are reported as skipped by name; continuous integration allows none of that.
//   npm run test:setup
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tools = join(root, '.mainstem', 'tools');
const compiler = 'assemblyscript@0.28.20';
const debianPackages = { chromium: 'chromium', prometheus: 'prometheus', promtool: 'prometheus' };

const missing = Object.entries(debianPackages).filter(([program]) => !isOnPath(program));
if (missing.length > 0) installDebian([...new Set(missing.map(([, name]) => name))]);
if (!existsSync(join(tools, 'node_modules', 'assemblyscript'))) {
  mkdirSync(tools, { recursive: true });
  run('npm', ['install', '--prefix', tools, '--no-save', '--no-fund', '--no-audit', compiler]);
}
process.stdout.write('All optional test parts are there.\n');

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function installDebian(packages: string[]): void {
  if (!isOnPath('apt-get')) {
    process.stderr.write(`Please install by hand: ${packages.join(', ')}; then run this again.\n`);
    process.exit(3);
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  runAll([...sudo, 'apt-get', 'update', '-qq']);
  runAll([...sudo, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

function runAll([program = '', ...args]: string[]): void {
  run(program, args);
}

function run(program: string, args: string[]): void {
  process.stdout.write(`${program} ${args.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (status === 0) return;
  process.stderr.write(`${program} ended with ${status}; the part is still missing.\n`);
  process.exit(3);
}
