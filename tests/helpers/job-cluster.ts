import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';

/** A cluster that runs Jobs as processes of this machine, for the kubectl on the path of this process. */
export interface JobCluster {
  /** Makes the image of a name from a folder as it is now. */
  build(name: string, root: string): Promise<void>;
  /** Names of Jobs with how they ended: `Complete`, `Failed`, or nothing yet. */
  jobs(): Promise<Record<string, string>>;
  /** The words of each Job's container, by the Job's name. */
  tasks(): Promise<Record<string, readonly string[]>>;
  /** Folders of the file systems that pods left. */
  pods(): Promise<string[]>;
}

/** What of a repository the image holds; `node_modules` is linked. */
const copied = ['platform', 'pipeline', 'package.json', 'data.lock.json'];

/** Plants a kubectl in front of the path. Unstub the environment after the test. */
export async function plantJobCluster(
  folder: string,
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<JobCluster> {
  const images: Record<string, string> = {};
  const [bin, nodeOnly] = [join(folder, 'bin'), join(folder, 'node-only')];
  await mkdir(bin, { recursive: true });
  await mkdir(nodeOnly);
  await symlink(process.execPath, join(nodeOnly, 'node'));
  const script = join(import.meta.dirname, 'stand-in-kubectl.ts');
  const run = `exec "${process.execPath}" "${script}" "${folder}" "$@"`;
  await writeFile(join(bin, 'kubectl'), `#!/bin/sh\n${run}\n`);
  await chmod(join(bin, 'kubectl'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  const save = () =>
    writeFile(join(folder, 'cluster.json'), JSON.stringify({ images, secrets, path: nodeOnly }));
  await save();
  const readJobs = async () => {
    const names = await readdir(join(folder, 'jobs')).catch(() => []);
    return Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(folder, 'jobs', name), 'utf8'))),
    );
  };
  return {
    async build(name, root) {
      const image = join(folder, 'images', `${Object.keys(images).length}`);
      for (const part of copied) await cp(join(root, part), join(image, part), { recursive: true });
      await symlink(join(root, 'node_modules'), join(image, 'node_modules'));
      images[name] = image;
      await save();
    },
    async jobs() {
      const found = (await readJobs()).map((job) => [
        job.metadata.name,
        job.status?.conditions[0].type ?? '',
      ]);
      return Object.fromEntries(found);
    },
    async tasks() {
      const found = (await readJobs()).map((job) => [
        job.metadata.name,
        job.spec.template.spec.containers[0].args,
      ]);
      return Object.fromEntries(found);
    },
    async pods() {
      const names = await readdir(join(folder, 'pods'), { withFileTypes: true });
      return names.filter((one) => one.isDirectory()).map(({ name }) => join(folder, 'pods', name));
    },
  };
}

/** The folder above a file, for a pod's log. */
export const logOf = (pod: string) => join(dirname(join(pod, 'app')), 'log');
