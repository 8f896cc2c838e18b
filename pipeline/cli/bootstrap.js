#!/usr/bin/env node
// The first file that runs, on whatever Node (>= 20) the machine has: installs the packages that the
// lockfile names if they are missing, then hands over to the pinned Node 24, which runs TypeScript. A
// remembered answer that is still right is printed without starting it.
//   node pipeline/cli/bootstrap.js <command> [options]       the command line (pipeline/cli/cli.ts)
//   node pipeline/cli/bootstrap.js --exec <program> [args]   any program, on the pinned Node and its packages
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const preload = new URL('../../platform/lib/use-bundles.js', import.meta.url);
// Where it is gone, so is what it is for, which the command line says.
const preloading = existsSync(preload) ? ['--import', preload.href] : [];
const windows = process.platform === 'win32';
const compileCache = join(root, 'node_modules', '.cache', 'node');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

process.on('uncaughtException', giveUp);
installIfMissing();
const args = process.argv.slice(2);
const answer = await recallHere(args);
if (answer === null) handOver(args);
else process.stdout.write(`${answer}\n`);

/** The remembered answer, or null. Any Node finds it, but only the pinned one runs the parser for a changed comment. */
async function recallHere(args) {
  // Where files of the platform are gone, the command line says so.
  const memory = await import('./recall.js').catch(() => null);
  const question = memory?.questionOf(args);
  if (!question) return null;
  const { nameOfNode, recall } = memory;
  const canParse = nameOfNode(process.execPath) === nameOfNode(pinnedNode);
  if (canParse) nodeModule.enableCompileCache(compileCache);
  return recall(root, question, { node: pinnedNode, canParse });
}

/** The stamp holds the lockfile that was installed; comparing contents survives clones and touches. */
function installIfMissing() {
  const stamp = join(root, 'node_modules', '.mainstem-lock.json');
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (installed && existsSync(pinnedNode)) return;
  if (existsSync(pinnedNode) && npmHasInstalled(wanted)) {
    finishInstall(stamp, wanted);
    return;
  }
  process.stderr.write('Installing the packages that package-lock.json names …\n');
  const began = Date.now();
  const result = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
    // npm before 11.19 ignores `allowScripts`; ONNX Runtime's script would fetch CUDA parts nobody asked for.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.status !== 0 || !existsSync(pinnedNode)) {
    process.stderr.write(
      `INSTALL_FAILED: "npm ci" did not leave a working tree (exit ${result.status}).\n` +
        'Check the network and the npm registry, then run the command again; nothing else has to be undone.\n',
    );
    process.exit(3);
  }
  finishInstall(stamp, wanted);
  process.stderr.write(`Installed in ${Math.round((Date.now() - began) / 1000)} s.\n`);
}

/** Whether somebody ran "npm ci" or "npm install": npm notes what it has installed, in its own lockfile. */
function npmHasInstalled(wanted) {
  try {
    const note = readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8');
    const { packages: found } = JSON.parse(note);
    return Object.entries(JSON.parse(wanted).packages).every(
      ([path, { version, optional, link }]) =>
        !path.includes('node_modules/') || link || optional || found[path]?.version === version,
    );
  } catch {
    return false;
  }
}

function finishInstall(stamp, wanted) {
  linkCommand();
  // Commands start faster with it, and work without it.
  spawnSync(pinnedNode, [join(root, 'pipeline', 'cli', 'bundle-packages.ts')], { stdio: 'ignore' });
  writeFileSync(stamp, wanted);
}

/** Without it `npx mainstem` installs this folder into a cache of its own, which nobody may but the owner of these files. */
function linkCommand() {
  const target = join('..', '..', 'pipeline', 'cli', 'bootstrap.js');
  try {
    if (!windows) symlinkSync(target, join(root, 'node_modules', '.bin', 'mainstem'));
  } catch {
    // It is there, or links cannot be made: npx does what it did.
  }
}

/** Runs the command line, or with --exec a program, and ends as it ends. */
function handOver(args) {
  const bin = join(root, 'node_modules', '.bin');
  const exec = args[0] === '--exec';
  const [file, rest] = exec
    ? args[1] === 'node'
      ? [pinnedNode, args.slice(2)]
      : [pinnedNode, [resolveBin(args[1]), ...args.slice(2)]]
    : [pinnedNode, [...preloading, join(root, 'pipeline', 'cli', 'cli.ts'), ...args]];
  const child = spawn(file, rest, {
    // By the channel the command line notices if this process is killed.
    stdio: exec ? 'inherit' : ['inherit', 'inherit', 'inherit', 'ipc'],
    cwd: exec ? root : process.cwd(),
    // Compiled code is kept between commands: half of a short command's time is compiling.
    env: {
      NODE_COMPILE_CACHE: compileCache,
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', giveUp);
  child.on('exit', (code, signal) => process.exit(code ?? endedBy(signal ?? 'SIGTERM', exec)));
}

/** What the system says where it has no room for another program: the installation is as it should be. */
const limits = {
  EMFILE: 'too many files are open: raise the limit ("ulimit -n 4096")',
  ENFILE: 'too many files are open on this machine: close other programs',
  EAGAIN:
    'there is no room for another process: close other programs, or raise the limit ("ulimit -u")',
  ENOMEM: 'there is no more memory: close other programs, or raise the limit ("ulimit -v")',
};

/** Whatever else goes wrong before the command line runs has to do with the installation. */
function giveUp(error) {
  const limit = limits[error.code];
  if (limit) {
    process.stderr.write(
      `LIMIT_REACHED The command line cannot be started: ${limit}.\n  Then run the command again.\n`,
    );
    process.exit(3);
  }
  const reason = error.message.replace(/^(?:spawn )?E[A-Z]+: /, '');
  process.stderr.write(
    `INSTALL_FAILED: the packages or the pinned Node cannot be used: ${reason}\n` +
      '  Check that you may read this folder and write node_modules; or delete node_modules and run the command again.\n',
  );
  process.exit(3);
}

/** The exit code after a signal. Nobody sends the ones below on purpose; they come from a machine without memory. */
function endedBy(signal, exec) {
  if (exec || !['SIGKILL', 'SIGABRT', 'SIGBUS', 'SIGSEGV', 'SIGTRAP', 'SIGILL'].includes(signal)) {
    // It came before the command line listened for it.
    if (!exec) process.stderr.write('INTERRUPTED Interrupted before it had begun.\n');
    return 128 + constants.signals[signal];
  }
  const command = args.slice(0, 2).filter((word) => /^[a-z0-9][\w-]*$/i.test(word));
  process.stderr.write(
    `MEMORY_EXHAUSTED "${['mainstem', ...command].join(' ')}" was ended by ${signal}, most often because memory ran out.\n` +
      '  Close other programs, raise the limit ("ulimit -v", the memory of a container), or give it less to hold: a smaller table or\n' +
      '  a lower batchSize in params.json. Then run the same command again: it continues.\n',
  );
  return 3;
}

/** The script behind a package's bin of the same name. */
function resolveBin(name) {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = join(folder, typeof bin === 'string' ? bin : bin[name]);
  if (!statSync(path).isFile()) throw new Error(`${name} has no executable of its own name`);
  return path;
}
