import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { watchFolder } from '../../../../../pipeline/operations/backends/watch-folder.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';
import { test } from '../../../../helpers/folder.ts';

const options = {
  ...{ label: 'wheel', reporter: silentReporter, everyMs: 10 },
  signal: new AbortController().signal,
};

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !done(); tries++) await wait(10);
}

test('a download that has more bytes than the pinned file can have is ended', async ({
  folder,
}) => {
  const watch = watchFolder(folder, 1000, options);
  try {
    await appendFile(join(folder, 'a.whl'), Buffer.alloc(60_000_000));
    await wait(100);
    expect(watch.signal.aborted).toBe(false);
    await appendFile(join(folder, 'a.whl'), Buffer.alloc(6_000_000));
    await until(() => watch.signal.aborted);
    expect(watch.tooMuch).toContain('more than 1');
  } finally {
    watch.end();
  }
});

test('a download that stands still is ended, one that goes on is not', async ({ folder }) => {
  const watch = watchFolder(folder, 1000, { ...options, idleMs: 400 });
  try {
    for (let part = 0; part < 8; part++) {
      await appendFile(join(folder, 'a.whl'), 'x');
      await wait(100);
    }
    expect(watch.tooMuch).toBeNull();
    await until(() => watch.signal.aborted);
    expect(watch.tooMuch).toContain('stood still');
  } finally {
    watch.end();
  }
});
