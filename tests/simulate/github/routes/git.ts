import { repositoryPayload } from '../events.ts';
import { git, gitBytes, shaOf, tryGit } from '../git.ts';
import { moveReference } from '../references.ts';
import { type Repository, record } from '../state.ts';
import { fileChange } from './pulls.ts';
import { type Answer, type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const home = '/repos/{owner}/{repo}';
const scopes = ['contents'];
const read = { method: 'GET', scopes, access: 'read' } as const;
const write = { method: 'POST', scopes, access: 'write' } as const;

/** The repository itself: its objects, references and files. */
export const gitRoutes: readonly Route[] = [
  { ...read, scopes: [], path: home, handle: repositoryAnswer },
  { ...read, path: `${home}/branches/{branch}`, handle: readBranch },
  { ...read, path: `${home}/git/commits/{commit_sha}`, handle: readCommit },
  { ...write, path: `${home}/git/commits`, handle: createCommit },
  { ...read, path: `${home}/git/ref/{ref}`, handle: readReference },
  { ...read, path: `${home}/git/matching-refs/{ref}`, handle: matchingReferences },
  { ...write, path: `${home}/git/refs`, handle: createReference },
  { ...write, method: 'PATCH', path: `${home}/git/refs/{ref}`, handle: updateReference },
  { ...write, method: 'DELETE', path: `${home}/git/refs/{ref}`, handle: deleteReference },
  { ...read, path: `${home}/git/trees/{tree_sha}`, handle: readTree },
  { ...write, path: `${home}/git/trees`, handle: createTree },
  { ...read, path: `${home}/git/blobs/{file_sha}`, handle: readBlob },
  { ...write, path: `${home}/git/blobs`, handle: createBlob },
  { ...read, path: `${home}/contents/{path}`, handle: readContent },
  { ...read, path: `${home}/commits`, handle: listCommits },
  { ...read, path: `${home}/commits/{ref}`, handle: readFullCommit },
  { ...read, path: `${home}/compare/{basehead}`, handle: compare },
];

function repositoryAnswer({ repository }: ApiRequest): Answer {
  return { status: 200, body: repositoryPayload(repository) };
}

function readBranch({ repository, params }: ApiRequest): Answer {
  const sha = found(shaOf(repository.folder, `refs/heads/${params.branch}`));
  return { status: 200, body: { name: params.branch, commit: commitBody(repository, sha) } };
}

/** The commit of a SHA, a branch or a tag. @throws Refusal 404 */
function resolve(repository: Repository, name: string): string {
  const tried = [name, `refs/heads/${name}`, `refs/tags/${name}`];
  return found(tried.map((one) => shaOf(repository.folder, one)).find((sha) => sha !== null));
}

function readCommit({ repository, params }: ApiRequest): Answer {
  const sha = resolve(repository, params.commit_sha ?? '');
  return { status: 200, body: gitCommit(repository, sha) };
}

function gitCommit({ folder }: Repository, sha: string): Record<string, unknown> {
  const format = '--format=%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B';
  const lines = git(folder, ['log', '-1', format, sha]).split('\n');
  const [tree, parents = '', ...rest] = lines;
  const [name, email, date, by, mail, at, ...message] = rest;
  return {
    sha,
    tree: { sha: tree },
    parents: parents
      .split(' ')
      .filter(Boolean)
      .map((parent) => ({ sha: parent })),
    author: { name, email, date },
    committer: { name: by, email: mail, date: at },
    message: message.join('\n').trim(),
  };
}

/** A commit as `commits`, `compare` and `branches` show it. */
function commitBody(repository: Repository, sha: string): Record<string, unknown> {
  const { tree, parents, author, committer, message } = gitCommit(repository, sha);
  const login = (person: unknown) => ({ login: (person as { name: string }).name });
  return {
    sha,
    parents,
    author: login(author),
    committer: login(committer),
    commit: { tree, author, committer, message },
  };
}

function createCommit({ repository, body, token }: ApiRequest): Answer {
  const { folder } = repository;
  const tree = found(tryGit(folder, ['rev-parse', '--verify', `${text(body, 'tree')}^{tree}`]));
  const parents = list(body.parents).flatMap((parent) => ['-p', String(parent)]);
  const name = token.login;
  const env = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: `${name.replace('[bot]', '')}@users.noreply.github.com`,
  };
  const args = ['commit-tree', tree, ...parents, '-F', '-'];
  const sha = git(folder, args, { input: text(body, 'message'), env });
  return { status: 201, body: gitCommit(repository, sha) };
}

function readReference({ repository, params }: ApiRequest): Answer {
  const ref = `refs/${params.ref}`;
  const sha = found(tryGit(repository.folder, ['rev-parse', '--verify', '--quiet', ref]));
  return { status: 200, body: reference(ref, sha) };
}

function matchingReferences({ repository, params }: ApiRequest): Answer {
  const pattern = `refs/${params.ref}*`;
  const format = '--format=%(refname) %(objectname)';
  const lines = git(repository.folder, ['for-each-ref', format, pattern]).split('\n');
  const pairs = lines.filter(Boolean).map((line) => line.split(' '));
  return { status: 200, body: pairs.map(([ref = '', sha = '']) => reference(ref, sha)) };
}

function reference(ref: string, sha: string): Record<string, unknown> {
  return { ref, object: { type: 'commit', sha } };
}

function createReference({ forge, repository, body, token }: ApiRequest): Answer {
  const [ref, sha] = [text(body, 'ref'), text(body, 'sha')];
  if (!/^refs\/[^/]+\/./.test(ref)) throw new Refusal(422, `Reference "${ref}" is not valid`);
  if (tryGit(repository.folder, ['rev-parse', '--verify', '--quiet', ref]) !== null) {
    throw new Refusal(422, 'Reference already exists');
  }
  moveReference(forge, repository, { ref, sha, force: false }, token);
  return { status: 201, body: reference(ref, sha) };
}

function updateReference({ forge, repository, params, body, token }: ApiRequest): Answer {
  const ref = `refs/${params.ref}`;
  if (tryGit(repository.folder, ['rev-parse', '--verify', '--quiet', ref]) === null) {
    throw new Refusal(422, 'Reference does not exist');
  }
  const sha = text(body, 'sha');
  moveReference(forge, repository, { ref, sha, force: body.force === true }, token);
  return { status: 200, body: reference(ref, sha) };
}

function deleteReference({ forge, repository, params, token }: ApiRequest): Answer {
  const ref = `refs/${params.ref}`;
  const before = shaOf(repository.folder, ref);
  if (before === null) throw new Refusal(422, 'Reference does not exist');
  git(repository.folder, ['update-ref', '-d', ref]);
  const branch = params.ref?.replace('heads/', '');
  for (const pull of forge.pulls) {
    if (pull.state === 'open' && pull.head.ref === branch) pull.state = 'closed';
  }
  record(forge, 'push', `${token.login} deletes ${branch}`);
  return { status: 204 };
}

function readTree({ repository, params, query }: ApiRequest): Answer {
  const { folder } = repository;
  const sha = found(tryGit(folder, ['rev-parse', '--verify', `${params.tree_sha}^{tree}`]));
  const recursive = query.has('recursive') ? ['-r', '-t'] : [];
  const lines = git(folder, ['ls-tree', ...recursive, '-l', '-z', sha])
    .split('\0')
    .filter(Boolean);
  const tree = lines.map((line) => {
    const [, mode, type, object, size, path] = /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? [];
    return { path, mode, type, sha: object, ...(size === '-' ? {} : { size: Number(size) }) };
  });
  return { status: 200, body: { sha, tree, truncated: false } };
}

function createTree({ repository, body }: ApiRequest): Answer {
  const { folder } = repository;
  const env = { GIT_INDEX_FILE: `${folder}/api-index`, GIT_DIR: folder };
  const base = typeof body.base_tree === 'string' ? body.base_tree : null;
  if (base !== null) found(tryGit(folder, ['rev-parse', '--verify', `${base}^{tree}`]));
  git(folder, base === null ? ['read-tree', '--empty'] : ['read-tree', base], { env });
  for (const entry of list(body.tree)) addEntry(folder, env, entry);
  const sha = git(folder, ['write-tree'], { env });
  return { status: 201, body: { sha, tree: [], truncated: false } };
}

function addEntry(folder: string, env: Readonly<Record<string, string>>, entry: unknown): void {
  const { path, mode = '100644', content, sha } = entry as Record<string, string | null>;
  if (
    !path ||
    path.startsWith('/') ||
    path.split('/').some((part) => /^(\.\.?|\.git)$/i.test(part))
  )
    throw new Refusal(422, 'tree.path contains a malformed path component');
  if (sha === null) {
    git(folder, ['update-index', '--force-remove', path], { env });
    return;
  }
  const blob =
    typeof sha === 'string'
      ? sha
      : git(folder, ['hash-object', '-w', '--stdin'], { input: content ?? '' });
  git(folder, ['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], { env });
}

function readBlob({ repository, params }: ApiRequest): Answer {
  const sha = found(tryGit(repository.folder, ['rev-parse', '--verify', params.file_sha ?? '']));
  const content = gitBytes(repository.folder, ['cat-file', 'blob', sha]);
  const body = { sha, encoding: 'base64', content: wrapped(content), size: content.length };
  return { status: 200, body };
}

function createBlob({ repository, body }: ApiRequest): Answer {
  const encoding = body.encoding === 'base64' ? 'base64' : 'utf8';
  const input = Buffer.from(text(body, 'content'), encoding);
  const sha = git(repository.folder, ['hash-object', '-w', '--stdin'], { input });
  return { status: 201, body: { sha } };
}

/** Files over a megabyte come without their content, as on GitHub. */
const largestContent = 1024 * 1024;

function readContent({ repository, params, query }: ApiRequest): Answer {
  const { folder, defaultBranch } = repository;
  const path = params.path ?? '';
  const commit = resolve(repository, query.get('ref') ?? defaultBranch);
  const type = found(tryGit(folder, ['cat-file', '-t', `${commit}:${path}`]));
  if (type === 'tree') {
    const lines = git(folder, ['ls-tree', '-l', '-z', `${commit}:${path}`]).split('\0');
    const entries = lines.filter(Boolean).map((line) => {
      const [, kind, sha, size, name] = /^\d+ (\w+) (\w+) +(\S+)\t(.*)$/s.exec(line) ?? [];
      const full = path === '' ? name : `${path}/${name}`;
      const type = kind === 'tree' ? 'dir' : 'file';
      return { type, name, path: full, sha, size: Number(size) || 0 };
    });
    return { status: 200, body: entries };
  }
  const bytes = gitBytes(folder, ['show', `${commit}:${path}`]);
  const small = bytes.length <= largestContent;
  const name = path.split('/').at(-1);
  const sha = git(folder, ['rev-parse', `${commit}:${path}`]);
  const content = small ? wrapped(bytes) : '';
  const encoding = small ? 'base64' : 'none';
  return {
    status: 200,
    body: { type: 'file', encoding, size: bytes.length, name, path, content, sha },
  };
}

/** Base64 in lines of 60, as GitHub writes it. */
function wrapped(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{60}/g, '$&\n');
}

function listCommits({ repository, query }: ApiRequest): Answer {
  const start = resolve(repository, query.get('sha') ?? repository.defaultBranch);
  const path = query.get('path');
  const args = ['rev-list', '--max-count=1000', start, ...(path ? ['--', path] : [])];
  const shas = git(repository.folder, args).split('\n').filter(Boolean);
  return { status: 200, paged: true, body: shas.map((sha) => commitBody(repository, sha)) };
}

function readFullCommit({ repository, params }: ApiRequest): Answer {
  const sha = resolve(repository, params.ref ?? '');
  const parent = shaOf(repository.folder, `${sha}^`);
  const files = parent ? filesBetween(repository.folder, parent, sha) : [];
  return { status: 200, body: { ...commitBody(repository, sha), files } };
}

function filesBetween(folder: string, start: string, head: string): Record<string, unknown>[] {
  const listed = git(folder, ['diff', '--name-only', '--no-renames', '-z', start, head]);
  const paths = listed.split('\0').filter(Boolean).slice(0, 300);
  const renamed = renamesBetween(folder, start, head);
  const gone = new Set(renamed.values());
  return paths.flatMap((path): Record<string, unknown>[] => {
    if (gone.has(path)) return [];
    const change = fileChange(folder, { start, head }, path);
    const before = renamed.get(path);
    return [before ? { ...change, status: 'renamed', previous_filename: before } : change];
  });
}

/** As GitHub tells of them, and not as a file that comes and one that goes: new path → old path. */
function renamesBetween(folder: string, start: string, head: string): Map<string, string> {
  const options = ['--find-renames', '--diff-filter=R', '--name-status'];
  const lines = git(folder, ['diff', ...options, start, head]).split('\n');
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, before, after] = line.split('\t');
      return before && after ? [[after, before]] : [];
    }),
  );
}

function compare({ repository, params }: ApiRequest): Answer {
  const { folder } = repository;
  const [from = '', to = ''] = (params.basehead ?? '').split('...');
  const [base, head] = [resolve(repository, from), resolve(repository, to)];
  const start = found(tryGit(folder, ['merge-base', base, head]));
  const commits = git(folder, ['rev-list', '--reverse', `${start}..${head}`]).split('\n');
  const count = (range: string) => Number(git(folder, ['rev-list', '--count', range]));
  const [ahead, behind] = [count(`${base}..${head}`), count(`${head}..${base}`)];
  const status =
    ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
  return {
    status: 200,
    body: {
      status,
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      base_commit: commitBody(repository, base),
      merge_base_commit: commitBody(repository, start),
      commits: commits.filter(Boolean).map((sha) => commitBody(repository, sha)),
      files: filesBetween(folder, start, head),
    },
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
