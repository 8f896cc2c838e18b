import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { buildFarm, type Farm, openFarm } from '../../../helpers/farm.ts';
import { test as base } from '../../../helpers/folder.ts';

/** Code that asks its own process to stop, waits for what never comes, and works on without looking at a signal. */
const stopMe = "process.kill(process.pid, 'SIGINT');";
const forever = 'await new Promise(() => setInterval(() => {}, 999))';
const busy = 'for (;;) await new Promise((done) => setTimeout(done, 9));';

let shelf = '';

beforeAll(async () => {
  shelf = await realpath(await mkdtemp(join(tmpdir(), 'mainstem-defence-')));
  await buildFarm(join(shelf, 'farm'));
});

afterAll(() => rm(shelf, { recursive: true, force: true }));

/** A test with a farm of its own, whose code it may break. */
const test = base.extend<{ farm: Farm }>({
  farm: async ({ folder }, use) => {
    const root = join(folder, 'farm');
    await cp(join(shelf, 'farm'), root, { recursive: true, verbatimSymlinks: true });
    await use(openFarm(root));
  },
});

const status = 'pipeline/cli/commands/status.ts';
const begin = 'const workspace = openWorkspace(options);';

/** Runs a line of a shell in a farm, `ms` being Mainstem. */
async function shell({ root }: Farm, line: string) {
  const ms = `'${process.execPath}' pipeline/cli/bootstrap.js`;
  const child = spawn('bash', ['-c', `set -o pipefail; ms() { ${ms} "$@"; }; ${line}`], {
    ...{ cwd: root, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: Buffer) => (said.out += text));
  child.stderr?.on('data', (text: Buffer) => (said.err += text));
  const [code] = await once(child, 'close');
  return { code: Number(code), ...said };
}

describe('a fault of Mainstem', () => {
  test('says so, and its details are in a file', async ({ farm }) => {
    await farm.edit(status, begin, `${begin} throw new TypeError('planted');`);
    const { code, out, err } = await farm.mainstem('status', 'tab');
    expect([code, out]).toEqual([4, '']);
    expect(err).toMatch(
      /^UNEXPECTED .*TypeError: planted\.\n {2}This is a fault of Mainstem, not yours\./,
    );
    expect(err.trim().split('\n')).toHaveLength(2);
    const [file = ''] = await readdir(join(farm.root, '.mainstem/faults'));
    expect(err).toContain(join(farm.root, '.mainstem/faults', file));
    const details = await readFile(join(farm.root, '.mainstem/faults', file), 'utf8');
    expect(details).toContain('command   mainstem status tab');
    expect(details).toMatch(/TypeError: planted\n {4}at .*status\.ts/);
    expect(await git(farm.root, 'status', '--porcelain')).toBe(` M ${status}`);
  });

  test('outside the flow of the command is caught too', async ({ farm }) => {
    const later =
      "setTimeout(() => { throw new RangeError('planted'); }); await new Promise((done) => setTimeout(done, 9999));";
    await farm.edit(status, begin, `${begin} ${later}`);
    const { code, err } = await farm.mainstem('status', 'tab');
    expect([code, err.split('\n')[0]]).toEqual([4, expect.stringContaining('RangeError: planted')]);
  });

  test('is kept elsewhere if the repository cannot be written', async ({ farm, folder }) => {
    await farm.edit(status, begin, `${begin} throw new TypeError('planted');`);
    const limited = await shell(farm, `ulimit -f 0; TMPDIR='${folder}' ms status tab`);
    expect(limited.code).toBe(4);
    // Nowhere to write: the details follow the error.
    expect(limited.err).toContain('Details are in the lines below');
    expect(limited.err).toContain('TypeError: planted');
  });
});

test('code that cannot be loaded is named', async ({ farm }) => {
  await farm.edit('platform/lib/plural.ts', /^/, '<<<<<<< HEAD\n=======\n>>>>>>> other\n');
  const { code, err } = await farm.mainstem('status', 'tab');
  expect([code, err.trim().split('\n').length]).toEqual([3, 2]);
  expect(err).toMatch(/^CODE_UNLOADABLE .*plural\.ts/);
});

test.for([
  'platform/lib/file-log.ts',
  'platform/lib/file-state.js',
  'platform',
  'pipeline/cli/guard-process.ts',
])('where %s is gone the files are to be restored', async (path, { farm }) => {
  await rm(join(farm.root, path), { recursive: true });
  const { code, err } = await farm.mainstem('status', 'tab');
  expect(code).toBe(3);
  expect(err).toContain('Restore its files from git');
});

describe('a project.ts', () => {
  const project = 'pipeline/projects/tab/project.ts';
  const commands = ['lock', 'run tab', 'verify tab --base HEAD'];

  test.for([
    ['never finishes loading', 'await new Promise(() => {});', /never finishes loading/],
    ['ends the process with 0', 'process.exit(0);', /ends the process/],
    ['ends the process with 1', 'process.exit(1);', /ends the process/],
    ['throws', "throw new Error('planted');", /cannot be loaded: planted/],
  ] as const)('that %s is named by every command', async ([, planted, reason], { farm }) => {
    await farm.edit(project, /^/, `${planted}\n`);
    for (const command of commands) {
      const { code, out, err } = await farm.mainstem(...command.split(' '));
      expect([code, out], command).toEqual([2, '']);
      expect(err).toMatch(/^PROJECT_INVALID Project "tab": pipeline\/projects\/tab\/project\.ts /);
      expect(err).toMatch(reason);
      expect(err.trim().split('\n')).toHaveLength(2);
    }
    const { code, out } = await farm.mainstem('status', 'tab', '--json');
    expect([code, JSON.parse(out).error.code]).toEqual([2, 'PROJECT_INVALID']);
  });

  test('that prints something does not disturb the result of a command', async ({ farm }) => {
    await farm.edit(project, /^/, "console.log('planted'); console.info('planted');\n");
    const { code, out, err } = await farm.mainstem('status', 'tab', '--json');
    expect([code, err]).toEqual([0, 'planted\nplanted\n']);
    expect(JSON.parse(out)).toBeTruthy();
  });

  test.for([
    ['while it is loaded', /^/, `${stopMe} ${forever};\n`],
    ['in collect', 'gates: []', `collect: async () => { ${stopMe} ${forever}; },\n  gates: []`],
    [
      'in a collect that goes on',
      'gates: []',
      `collect: async () => { ${stopMe} ${busy} },\n  gates: []`,
    ],
  ] as const)(
    'that waits forever %s ends when it is first asked to stop',
    async (planted, { farm }) => {
      await farm.edit(project, planted[1], planted[2]);
      const ended = await farm.mainstem('collect', 'tab');
      expect(ended).toMatchObject({ code: 130, out: '' });
      expect(ended.err).toBe('Interrupted; run the same command again and it continues.\n');
      expect(await leftoversIn(farm)).toEqual([]);
      expect(await readdir(join(farm.root, '.mainstem/locks')).catch(() => [])).toEqual([]);
    },
  );

  test('whose collect ends the process is named', async ({ farm }) => {
    await farm.edit(project, 'gates: []', 'collect: async () => process.exit(0),\n  gates: []');
    const { code, out, err } = await farm.mainstem('collect', 'tab');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/collect ends the process/);
  });
});

test.for(['process.exit(0);', 'await new Promise(() => {});'])(
  'a command that ends before it has finished is a fault: %s',
  async (planted, { farm }) => {
    await farm.edit(status, begin, `${begin} ${planted}`);
    const { code, out, err } = await farm.mainstem('status', 'tab');
    expect([code, out, err.split(' ')[0]]).toEqual([4, '', 'ENDED_EARLY']);
  },
);

test('a reader that has seen enough changes nothing', async ({ farm }) => {
  expect(await shell(farm, 'ms lock tab | head -c 1')).toMatchObject({ code: 0, err: '' });
  expect(await shell(farm, 'ms --help | true')).toMatchObject({ code: 0, err: '' });
  expect(await farm.mainstem('status', 'tab')).toMatchObject({ out: 'tab: as locked\n' });
});

test('output that cannot be written is an error', async ({ farm }) => {
  const { code, err } = await shell(farm, 'ms status tab > /dev/full');
  expect(code).toBe(3);
  expect(err).toMatch(/^DISK_FULL Cannot write the output: no space is left on the disk\.\n/);
  // Where the result cannot be written, neither can the error that takes its place.
  for (const command of ['status tab --json', 'keys list --json --file keys.json'])
    expect(await shell(farm, `ms ${command} > /dev/full`)).toEqual({ code, out: '', err });
});

test('a full disk is an error that leaves nothing behind, and the same command continues', async ({
  farm,
}) => {
  for (const command of ['lock tab', 'init other --from data/tab.csv --label kind']) {
    const { code, out, err } = await shell(farm, `ulimit -f 0; ms ${command}`);
    expect([code, out, err.split(' ')[0]], err).toEqual([3, '', 'DISK_FULL']);
    expect(await leftoversIn(farm)).toEqual([]);
    expect(await git(farm.root, 'status', '--porcelain')).toBe('');
  }
  expect((await farm.mainstem('lock', 'tab')).code).toBe(0);
});

test.for(['serving/server.ts', 'serving/app.ts', 'monitoring/index.ts'])(
  'without %s the server cannot be loaded, which is said in words',
  async (path, { farm }) => {
    await rm(join(farm.root, path));
    const { code, err } = await farm.mainstem('serve', '--port', '0');
    expect([code, err.split(' ')[0]]).toEqual([3, 'CODE_UNLOADABLE']);
    expect(err).toContain(path);
    expect(err).not.toMatch(/^\s+at /m);
  },
);

test.skipIf(process.platform === 'win32').for([
  ['.mainstem/runs/tab/candidate.json', 'gc', 0],
  ['.mainstem/runs/tab/candidate.json', 'promote tab', 3],
  ['.mainstem/locks/repository.json', 'promote tab', 3],
] as const)(
  'a pipe in the place of %s does not hold up %s',
  async ([path, command, exit], { farm }) => {
    const { code, err } = await shell(
      farm,
      `mkdir -p "$(dirname ${path})"; mkfifo ${path}; ms ${command}`,
    );
    const said = exit === 0 ? '' : expect.stringContaining(`FILE_UNREADABLE Cannot read ${path}`);
    expect([code, err]).toEqual([exit, said]);
  },
);

/** Half-written files and locks. */
async function leftoversIn({ root }: Farm): Promise<string[]> {
  const files = await readdir(root, { recursive: true });
  return files.filter((path) => /\.(?:tmp|lock)$/.test(path) && !path.startsWith('node_modules'));
}

test('a process that is killed for memory says so', async ({ farm }) => {
  await farm.edit(status, begin, `${begin} process.kill(process.pid, 'SIGKILL');`);
  const { code, err } = await farm.mainstem('status', 'tab');
  expect(code).toBe(3);
  expect(err).toMatch(/^MEMORY_EXHAUSTED "mainstem status tab" .*SIGKILL.*\n.*a smaller table/);
});

test('what V8 says when its heap is full stands before what to do', async ({ farm }) => {
  const fill = 'const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));';
  await farm.edit(status, begin, `${begin} ${fill}`);
  const env = { NODE_OPTIONS: '--max-old-space-size=128' };
  const { code, err } = await farm.mainstemIn(farm.root, env, 'status', 'tab');
  expect(code).toBe(3);
  expect(err).toMatch(/JavaScript heap out of memory.*\nMEMORY_EXHAUSTED "mainstem status tab"/s);
});

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'a command that %s asks to stop says how to go on, and ends with 130',
  async (signal, { farm }) => {
    await farm.edit(
      status,
      begin,
      `${begin} process.kill(process.pid, '${signal}'); await new Promise((done) => setTimeout(done, 99)); workspace.signal.throwIfAborted();`,
    );
    const ended = await farm.mainstem('status', 'tab');
    expect(ended).toMatchObject({ code: 130, out: '' });
    expect(ended.err).toBe('Interrupted; run the same command again and it continues.\n');
  },
);
