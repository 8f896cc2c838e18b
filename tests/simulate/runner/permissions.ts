import type { Permissions } from '../github/state.ts';
import type { Node } from './node.ts';

const scopes = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'packages',
  'pages',
  'pull-requests',
  'statuses',
];

/** What a repository gives where neither job nor workflow says anything. */
const restricted: Permissions = { contents: 'read', packages: 'read' };

/** The permissions of a job's token: its own declaration, else the workflow's; only reading for forks. */
export function tokenPermissions(
  workflow: Node | undefined,
  job: Node | undefined,
  fork: boolean,
): Permissions {
  const declared = declaredPermissions(job ?? workflow);
  if (!fork) return declared;
  return Object.fromEntries(Object.keys(declared).map((scope) => [scope, 'read']));
}

function declaredPermissions(node: Node | undefined): Permissions {
  if (node === undefined) return restricted;
  if (node === 'read-all' || node === 'write-all') {
    const access = node === 'read-all' ? 'read' : 'write';
    return Object.fromEntries(scopes.map((scope) => [scope, access]));
  }
  if (typeof node !== 'object' || node === null) return {};
  return Object.fromEntries(
    Object.entries(node).flatMap(([scope, access]) =>
      access === 'read' || access === 'write' ? [[scope, access]] : [],
    ),
  );
}
