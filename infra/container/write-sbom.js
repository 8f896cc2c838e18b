// Writes the bill of materials of installed packages, CycloneDX 1.6, from npm's own list of them: the same list gives the same bytes.
// (`npm sbom --workspace` leaves out what packages of a workspace need themselves.)
// Reads the list that `npm ci` leaves in node_modules, and writes to standard output; see the Dockerfile.
import { text } from 'node:stream/consumers';

/**
 * @typedef {{ name?: string, version?: string, integrity?: string, license?: string, link?: boolean }} Package
 * @type {{ packages: Record<string, Package> }}
 */
const { packages } = JSON.parse(await text(process.stdin));

const components = Object.entries(packages)
  .filter(([path, { version, link }]) => path.includes('node_modules/') && version && !link)
  .map(([path, found]) => describe(found.name ?? nameAt(path), found))
  .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
const bill = {
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  metadata: { component: { type: 'container', name: 'mainstem-serving' } },
  components: components.filter((one, at) => one['bom-ref'] !== components[at - 1]?.['bom-ref']),
};
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);

/** @param {string} path @example nameAt('node_modules/a/node_modules/@b/c') // '@b/c' */
function nameAt(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** @param {string} name @param {Package} found */
function describe(name, { version = '', integrity = '', license }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const digest = /^sha512-(\S+)/.exec(integrity)?.[1];
  const hex = digest && Buffer.from(digest, 'base64').toString('hex');
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version, purl },
    ...(hex && { hashes: [{ alg: 'SHA-512', content: hex }] }),
    ...(license && { licenses: [{ expression: license }] }),
  };
}
