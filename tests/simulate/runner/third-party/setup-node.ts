import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ThirdPartyCall } from './equivalent.ts';

/** An installation would replace the linked packages, so it only checks that the lockfile asks for those. */
const npm = (nodeModules: string) => `#!/bin/sh
case "$1" in
ci | install)
  if cmp -s package-lock.json "${nodeModules}/.mainstem-lock.json"; then
    [ -e node_modules ] || ln -s "${nodeModules}" node_modules
    echo "packages are linked, not installed"
    exit 0
  fi
  echo "the simulation installs no packages: package-lock.json differs from the linked ones" >&2
  exit 1
  ;;
esac
PATH=$(printf %s "$PATH" | sed "s|^$(dirname "$0"):||")
exec npm "$@"
`;

/** actions/setup-node: puts the pinned Node and an npm that links packages on the path. */
export async function setupNode({ host, log }: ThirdPartyCall): Promise<void> {
  const folder = join(host.folders.tools, 'node');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node'))) symlinkSync(host.options.node, join(folder, 'node'));
  const shim = join(folder, 'npm');
  writeFileSync(shim, npm(host.options.nodeModules));
  chmodSync(shim, 0o755);
  host.path.unshift(folder);
  log(`Node from ${dirname(host.options.node)}\n`);
}
