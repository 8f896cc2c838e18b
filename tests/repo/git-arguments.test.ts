import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const sources = ['platform', 'pipeline', 'serving', '.github/actions'].flatMap((folder) =>
  globSync(`${folder}/**/*.ts`, { cwd: root }).filter((path) => !path.includes('node_modules')),
);

/** Commands of git to which a name from outside is handed as a revision or a refspec. */
const commands = new Set([
  ...['archive', 'cat-file', 'checkout', 'diff', 'fetch', 'log', 'ls-remote', 'ls-tree'],
  ...['merge-base', 'reset', 'rev-list', 'rev-parse', 'show', 'switch', 'update-ref', 'worktree'],
]);

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Every node of a syntax tree. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesOf(one);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string') yield value as Node;
    for (const part of Object.values(value)) yield* nodesOf(part);
  }
}

/** The words of an argument list, spread arrays opened; null for a word that is not fixed from its first character on. */
function wordsOf(nodes: readonly Node[]): (string | null)[] {
  return nodes.flatMap((node) => {
    if (node.type === 'Literal') return [String(node.value)];
    if (node.type === 'TemplateLiteral') {
      const [first] = node.quasis as { readonly value: { readonly cooked: string } }[];
      return [first?.value.cooked || null];
    }
    if (node.type !== 'SpreadElement') return [null];
    const { argument } = node as { argument?: Node };
    // A list with a name of its own is looked at where it is written.
    return argument?.type === 'ArrayExpression' ? wordsOf(argument.elements as Node[]) : [];
  });
}

/** The argument lists of git in a source: those that begin with one of its commands. */
function gitArguments(text: string): (string | null)[][] {
  const lists = [...nodesOf(parseSync('source.ts', text).program)].flatMap((node) => {
    const list = node.type === 'CallExpression' ? node.arguments : node.elements;
    return Array.isArray(list) ? [wordsOf(list.filter(Boolean) as Node[])] : [];
  });
  return lists.flatMap((words) => {
    const start = words.findIndex((word) => word !== null && commands.has(word));
    return start === -1 || start > 2 ? [] : [words.slice(start)];
  });
}

/** Whether a word that comes from elsewhere could be taken for an option. */
function canBeOption(words: readonly (string | null)[]): boolean {
  const end = words.findIndex((word) => word === '--' || word === '--end-of-options');
  return (end === -1 ? words : words.slice(0, end)).includes(null);
}

test('whatever git is given from elsewhere stands behind the end of its options', () => {
  const found = sources.flatMap((path) => {
    const lists = gitArguments(readFileSync(join(root, path), 'utf8'));
    return lists.filter(canBeOption).map((words) => `${path}: ${words.join(' ')}`);
  });
  expect(found).toEqual([]);
});

test.for<[string, boolean]>([
  ["git(root, 'show', commit + path)", true],
  ["git(root, 'show', '--end-of-options', commit)", false],
  ["const args = ['fetch', '--quiet', 'origin', sha]", true],
  ["git(root, ...['rev-list', '--all'], ...[...more, '--', lockFile])", false],
  ["git(root, 'diff', ...options, base, '--', path)", true],
  ["git(root, 'log', '-z', '--', lockFile)", false],
])('%s: an option can be smuggled in: %s', ([text, smuggled]) => {
  expect(gitArguments(text).some(canBeOption)).toBe(smuggled);
});
