import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, vi } from 'vitest';
import { chooseTarget } from '../../.github/actions/lib/deploy-target.ts';
import { git } from '../../platform/lib/git.ts';
import { makeKey } from '../helpers/access-keys.ts';
import { type Cluster, startCluster } from '../helpers/cluster.ts';
import {
  type Ends,
  first,
  openFarm,
  promoteAgain,
  type Serve,
  second,
} from '../helpers/deployment.ts';
import { test } from '../helpers/folder.ts';
import { runPods } from '../helpers/pods.ts';
import { goPrograms } from '../helpers/tools.ts';

const ends: Ends = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  vi.unstubAllEnvs();
});

/** A cluster with the namespace `farm`, which admits only pods that need nothing special. */
async function openCluster(folder: string): Promise<Cluster> {
  await mkdir(folder);
  const cluster = await startCluster(folder, ends);
  await cluster.kubectl('create', 'namespace', 'farm');
  const restricted = 'pod-security.kubernetes.io/enforce=restricted';
  await cluster.kubectl('label', 'namespace', 'farm', restricted);
  await allowRunner(cluster);
  vi.stubEnv('KUBECONFIG', cluster.kubeconfig);
  vi.stubEnv('PATH', `${cluster.bin}:${process.env.PATH}`);
  return cluster;
}

/** Gives the runner's user the rights that docs/github.md names, and no others. */
async function allowRunner({ kubectl }: Cluster): Promise<void> {
  const rights = {
    deployer: ['--verb=get,list,watch,create,patch', '--resource=deployments.apps,services'],
    watcher: ['--verb=get,list,watch', '--resource=pods'],
  };
  for (const [name, right] of Object.entries(rights)) {
    await kubectl('create', 'role', name, ...right);
    await kubectl('create', 'rolebinding', name, `--role=${name}`, '--user=runner');
  }
}

/** Gives up on pods that do not get ready sooner than the manifests do. */
const impatient = `resources: [../infra/kubernetes]
patches:
  - patch: |
      - op: replace
        path: /spec/progressDeadlineSeconds
        value: 20
    target: { kind: Deployment }
`;

test.skipIf(!existsSync(goPrograms.kubernetes))(
  'a cluster serves what main names, and goes back from a release whose pods do not get ready',
  async ({ folder }) => {
    const cluster = await openCluster(join(folder, 'cluster'));
    const deployer = makeKey('deploy', { scopes: ['predict', 'metrics'] });
    const keys = join(folder, 'keys.json');
    await writeFile(keys, JSON.stringify({ version: 1, keys: [deployer.entry] }));
    await cluster.kubectl(
      ...['create', 'secret', 'generic', 'mainstem-keys', '--namespace', 'farm'],
      `--from-file=keys.json=${keys}`,
    );
    const serve: Serve = (_, __, host) => runPods(cluster, ends, host);
    const farm = await openFarm(folder, ends, serve, deployer.text);
    const { root } = farm.workspace;
    const volume = join(root, 'infra/kubernetes/volume.yaml');
    await cluster.kubectl('apply', '--validate=strict', '--filename', volume);
    await mkdir(join(root, 'impatient'));
    await writeFile(join(root, 'impatient/kustomization.yaml'), impatient);
    await farm.commit('Wait no longer than twenty seconds');

    expect(await farm.deploy({ target: chooseTarget('kubernetes', '') })).toMatchObject({
      state: 'deployed',
    });
    expect(await farm.served()).toEqual({ pumpkins: first, gourds: first });

    const target = chooseTarget('kubernetes', 'sh infra/kubernetes/apply.sh impatient');
    await promoteAgain(root, second);
    const good = await farm.commit('Promote another record');
    expect(await farm.deploy({ target })).toMatchObject({ state: 'deployed', commit: good });
    expect(await farm.served()).toEqual({ pumpkins: second, gourds: first });
    expect(await releasesOf(cluster)).toEqual([good]);

    await writeFile(join(root, 'serving/server.ts'), 'process.exit(1);\n');
    await farm.commit('Break the server');
    expect(await farm.deploy({ target })).toMatchObject({
      ...{ state: 'failed', previous: good },
      error: { code: 'DEPLOY_FAILED' },
    });
    expect(await farm.served()).toEqual({ pumpkins: second, gourds: first });
    expect(await releasesOf(cluster)).toEqual([good]);
    expect(await git(root, 'rev-parse', 'HEAD^')).toBe(good);
  },
);

/** The releases that pods run. */
async function releasesOf({ kubectl }: Cluster): Promise<string[]> {
  const path = 'jsonpath={.items[*].metadata.labels.mainstem\\.release}';
  return (await kubectl('get', 'pods', '--output', path)).split(' ');
}
