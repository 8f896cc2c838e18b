import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestFile } from '../../platform/lib/hash.ts';
import type { CollectOptions } from '../../platform/schemas/define/index.ts';

/** What a suite needs of the source that it tests. */
export interface SourceUnderTest {
  readonly collect: (options: CollectOptions) => Promise<void>;
  /** A harvest that the source has. */
  readonly harvest: string;
  /** Harvests that it must refuse. */
  readonly refused: readonly string[];
  /** The code that it refuses them with. */
  readonly code: string;
  /**
   * Leaves stand-ins for most of what the harvest writes, the same in every folder, so that a collect takes seconds:
   * what is there is kept.
   */
  readonly shorten: (root: string) => Promise<void>;
}

const never = new AbortController().signal;

/** The contract of every source: call it in a test file of its own. @param name for the titles */
export function testSource(name: string, source: SourceUnderTest): void {
  const { collect, harvest, refused, code, shorten } = source;
  const roots: string[] = [];
  const newRoot = async () => {
    const root = await mkdtemp(join(tmpdir(), 'mainstem-source-'));
    roots.push(root);
    return root;
  };
  let root = '';
  beforeEach(async () => {
    root = await newRoot();
  });
  afterEach(async () => {
    await Promise.all(
      roots.splice(0).map((folder) => rm(folder, { recursive: true, force: true })),
    );
  });

  /** Collects what is left of a shortened harvest. @param stopAfter so many steps of it */
  const collectIn = async (folder: string, stopAfter = Number.POSITIVE_INFINITY) => {
    const stopper = new AbortController();
    const reports: { done: number; total: number }[] = [];
    const onProgress = (done: number, total: number) => {
      reports.push({ done, total });
      if (reports.length > stopAfter) stopper.abort(new Error('stopped'));
    };
    const work = collect({ root: folder, harvest, onProgress, signal: stopper.signal });
    const failure = await work.then(
      () => null,
      (error: unknown) => error,
    );
    return { reports, failure };
  };

  describe(`${name}: a harvest`, () => {
    test.each(refused)('"%s" is refused, and nothing is written', async (wrong) => {
      const request = { root, harvest: wrong, onProgress: () => {}, signal: never };
      await expect(collect(request)).rejects.toMatchObject({ code, exitCode: 2 });
      expect(await readdir(root)).toEqual([]);
    });

    test('is whole after one go, with progress that only grows to its total', async () => {
      await shorten(root);
      const { reports, failure } = await collectIn(root);
      expect(failure).toBeNull();
      const done = reports.map((report) => report.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(new Set(reports.map(({ total }) => total)).size).toBe(1);
      expect(done.at(-1)).toBe(reports[0]?.total);
      expect(await readTree(root)).toEqual(await treeOfOneGo());
    });

    test('is not begun by somebody who has already stopped', async () => {
      await shorten(root);
      const before = await readTree(root);
      const request = { root, harvest, onProgress: () => {}, signal: AbortSignal.abort() };
      await expect(collect(request)).rejects.toThrow();
      expect(await readTree(root)).toEqual(before);
    });

    test.each([1, 3])(
      'stopped after step %i holds whole files only, and goes on from there',
      async (steps) => {
        await shorten(root);
        const { failure } = await collectIn(root, steps);
        expect(failure).toMatchObject({ message: 'stopped' });
        const whole = await treeOfOneGo();
        const kept = await readTree(root);
        for (const [path, digest] of kept) expect(whole.get(path), path).toBe(digest);
        expect(kept.size).toBeLessThan(whole.size);

        const times = await modifiedTimes(root, kept.keys());
        const { reports } = await collectIn(root);
        expect(reports[0]?.done).toBeGreaterThanOrEqual(steps);
        expect(await readTree(root)).toEqual(whole);
        expect(await modifiedTimes(root, kept.keys())).toEqual(times);
      },
    );

    test('that already exists is kept as it is', async () => {
      await shorten(root);
      await collectIn(root);
      const tree = await readTree(root);
      const times = await modifiedTimes(root, tree.keys());
      const { reports } = await collectIn(root);
      expect(reports[0]?.done).toBe(reports[0]?.total);
      expect(await readTree(root)).toEqual(tree);
      expect(await modifiedTimes(root, tree.keys())).toEqual(times);
    });
  });

  let oneGo: Promise<Map<string, string>> | undefined;
  /** What every other way of collecting must end with: the same paths and the same bytes. */
  function treeOfOneGo(): Promise<Map<string, string>> {
    oneGo ??= newRoot().then(async (folder) => {
      await shorten(folder);
      await collectIn(folder);
      return readTree(folder);
    });
    return oneGo;
  }
}

/** Path → digest of every file, temporary and hidden ones too. */
async function readTree(root: string): Promise<Map<string, string>> {
  if (!existsSync(root)) return new Map();
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    paths
      .sort()
      .map(async (path) => [path.slice(root.length + 1), await digestFile(path)] as const),
  );
  return new Map(found);
}

async function modifiedTimes(root: string, paths: Iterable<string>): Promise<number[]> {
  return Promise.all([...paths].map(async (path) => (await stat(join(root, path))).mtimeMs));
}
