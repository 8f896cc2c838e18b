import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../../helpers/folder.ts';

const parseScript = join(import.meta.dirname, '../../../../platform/lib/parse-script.ts');
const heads = {
  lines: '// Counts.\n//   node count.ts [--most <n>]\n',
  block: '/*\n * Counts.\n *   node count.ts [--most <n>]\n */\n',
};
const usage = 'Counts.\n  node count.ts [--most <n>]\n';

async function run(folder: string, head: string, ...args: string[]) {
  const script = join(folder, 'count.ts');
  const body = `import { parseScript } from ${JSON.stringify(parseScript)};
console.log(parseScript({ options: { most: { type: 'string', default: '3' } } }).values.most);
`;
  await writeFile(script, head + body);
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

test.for(Object.entries(heads))(
  'a script with a head of %s says what it takes when it is asked, and when it is given something else',
  async ([, head], { folder }) => {
    expect(await run(folder, head, '--help')).toEqual({ code: 0, out: usage, err: '' });
    expect(await run(folder, head, '--most', '7')).toMatchObject({ code: 0, out: '7\n' });
    for (const [wrong, words] of [
      ['--mots', "Unknown option '--mots'"],
      ['--most', "Option '--most <value>' argument missing"],
      ['more', "Unexpected argument 'more'"],
    ] as const) {
      const ended = await run(folder, head, wrong);
      expect(ended, wrong).toMatchObject({ code: 2, out: '' });
      expect(ended.err).toBe(`${words}\n\n${usage}`);
    }
  },
);
