import type { Program } from 'oxc-parser';
import { MainstemError } from './errors.ts';
import { type Digest, digestJson } from './hash.ts';

/** Facts about one source file: the digest of its code, and what it refers to. */
export interface ModuleFacts {
  /** Digest of the syntax tree without comments, formatting and types: of what runs, not of how it is written. */
  readonly digest: Digest;
  readonly references: readonly Reference[];
  /** Its re-exports, if the module consists of nothing else; null for a module with code of its own. */
  readonly reExports: readonly ReExport[] | null;
}

/** A module or file that a module refers to. */
export interface Reference {
  /** As written: `./loader.ts`, `sharp`. */
  readonly from: string;
  /** Names that are imported, or null for all of them. */
  readonly names: readonly string[] | null;
  /** Whether it is a string that only looks like a path (`./worker.ts`): it counts if that file exists. */
  readonly maybe?: boolean;
}

/** `export { imported as name } from 'from'`; `*` stands for everything. */
export interface ReExport {
  readonly name: string;
  readonly imported: string;
  readonly from: string;
}

/**
 * Parses a module.
 *
 * @param path names the module in an error; its extension says whether it is TypeScript.
 * @throws MainstemError CODE_INVALID with the parser's message.
 */
export async function parseModule(path: string, text: string): Promise<ModuleFacts> {
  // Loaded late: if every file is known by its size and time, the parser is not needed.
  const { parseSync } = await import('oxc-parser');
  const { program, errors } = parseSync(path, text, { preserveParens: false });
  const [error] = errors;
  if (error) throw new MainstemError('CODE_INVALID', { path, reason: error.message });
  return factsOf(program);
}

function factsOf(program: Program): ModuleFacts {
  const references: Reference[] = [];
  const body = program.body.map((statement) => withoutTypes(statement, references));
  const code = body.filter((statement) => statement !== undefined);
  const reExports = code.every(isReExport) ? code.flatMap(reExportsOf) : null;
  return { digest: digestJson(code), references: merged(references), reExports };
}

// ── The syntax tree as JSON, without what does not run ──────────────────────────────────────────────────

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** Members that hold positions, the way a literal is written, or types. */
const ignoredMembers = new Set([
  ...['start', 'end', 'range', 'raw', 'typeAnnotation', 'typeParameters', 'typeArguments'],
  ...['superTypeArguments', 'returnType', 'implements', 'accessibility', 'readonly', 'override'],
  ...['definite', 'importKind', 'exportKind', 'declare', 'abstract'],
]);

/** Type syntax around an expression: only the expression runs. */
const typeWrappers = new Set([
  ...['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'],
  'TSInstantiationExpression',
]);

/** TypeScript syntax that does run. The repository forbids it, but a user's file may contain it. */
const runningTypeScript = new Set([
  ...['TSEnumDeclaration', 'TSEnumBody', 'TSEnumMember', 'TSModuleDeclaration', 'TSModuleBlock'],
  ...['TSParameterProperty', 'TSExportAssignment', 'TSImportEqualsDeclaration'],
]);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The value as plain JSON, undefined if it does not run; collects references on the way. */
function withoutTypes(value: unknown, references: Reference[]): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) {
    return value instanceof RegExp ? String(value) : value;
  }
  if (Array.isArray(value)) return elements(value, references);
  if (isNode(value)) {
    if (typeWrappers.has(value.type)) return withoutTypes(value.expression, references);
    if (isType(value)) return undefined;
    const unpacked = unpackedImport(value);
    references.push(...(unpacked ?? referencesOf(value)));
    // The import itself asks for all names; its declaration says which.
    if (unpacked) return members(value, []);
  }
  return members(value, references);
}

function elements(values: readonly unknown[], references: Reference[]): unknown[] {
  return values.map((value) => withoutTypes(value, references)).filter((v) => v !== undefined);
}

function members(value: object, references: Reference[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    // `a?.b` runs differently from `a.b`, unlike an optional parameter.
    const typeOnly = key === 'optional' && 'decorators' in value;
    if (!ignoredMembers.has(key) && !typeOnly) kept[key] = withoutTypes(member, references);
  }
  return kept;
}

function isType(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type' || node.declare === true)
    return true;
  const erased = (part: unknown) =>
    isNode(part) && (part.type === 'TSDeclareFunction' || part.type.startsWith('TSEmptyBody'));
  if (erased(node.declaration) || erased(node.value)) return true;
  return node.type.startsWith('TS') && !runningTypeScript.has(node.type);
}

// ── References ──────────────────────────────────────────────────────────────────────────────────────────

function referencesOf(node: Node): Reference[] {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return to(node.source, importedNames(node));
    case 'ImportExpression':
      return to(node.source, null);
    case 'CallExpression':
      return calledPath(node);
    case 'Literal':
      return pathLike(node);
    default:
      return [];
  }
}

function to(source: unknown, names: readonly string[] | null): Reference[] {
  const from = textOf(source);
  return from === null ? [] : [{ from, names }];
}

function importedNames(node: Node): string[] | null {
  if (node.type === 'ExportAllDeclaration') return null;
  const specifiers = nodesIn(node.specifiers).filter((specifier) => !isType(specifier));
  if (specifiers.some(({ type }) => type === 'ImportNamespaceSpecifier')) return null;
  return specifiers.map(({ type, imported, local }) =>
    type === 'ImportDefaultSpecifier' ? 'default' : nameOf(imported ?? local),
  );
}

/** `const { a, b } = await import('…')` asks for only a and b; null for anything else. */
function unpackedImport({ type, id, init }: Node): Reference[] | null {
  if (type !== 'VariableDeclarator' || !isNode(id) || id.type !== 'ObjectPattern') return null;
  if (!isNode(init) || init.type !== 'AwaitExpression') return null;
  const call = init.argument;
  if (!isNode(call) || call.type !== 'ImportExpression') return null;
  const properties = nodesIn(id.properties);
  if (properties.some((property) => property.type !== 'Property' || property.computed)) return null;
  return to(
    call.source,
    properties.map(({ key }) => nameOf(key)),
  );
}

/** `require('x')`, `require.resolve('x')`, `import.meta.resolve('x')`, `join(import.meta.dirname, 'x')`. */
function calledPath(node: Node): Reference[] {
  const [first, ...rest] = nodesIn(node.arguments);
  if (isMetaFolder(first)) {
    const parts = rest.map(textOf);
    if (parts.length === 0 || parts.includes(null)) return [];
    return [{ from: `./${parts.join('/')}`, names: null, maybe: true }];
  }
  const callee = isNode(node.callee) ? node.callee : undefined;
  const owner = isNode(callee?.object) ? callee.object : undefined;
  const resolves = nameOf(callee?.property) === 'resolve';
  const fromMeta = resolves && owner?.type === 'MetaProperty';
  const required = nameOf(callee) === 'require' || (resolves && nameOf(owner) === 'require');
  return fromMeta || required ? to(first, null) : [];
}

function isMetaFolder(node: Node | undefined): boolean {
  if (node?.type !== 'MemberExpression' || !isNode(node.object)) return false;
  return node.object.type === 'MetaProperty' && nameOf(node.property) === 'dirname';
}

/** Covers `new URL('./x.wasm', import.meta.url)`, `new Worker('./x.ts')` and constants that hold paths. */
function pathLike(node: Node): Reference[] {
  const text = textOf(node);
  return text !== null && /^\.{1,2}\/[^\n]+$/.test(text)
    ? [{ from: text, names: null, maybe: true }]
    : [];
}

/** One reference per target: the source of an import is also a string that looks like a path. */
function merged(references: readonly Reference[]): Reference[] {
  const targets = new Map<string, Reference>();
  for (const reference of references) {
    const known = targets.get(reference.from);
    if (!known || known.maybe) targets.set(reference.from, reference);
    else if (!reference.maybe) targets.set(reference.from, union(known, reference));
  }
  return [...targets.values()];
}

function union({ from, names }: Reference, other: Reference): Reference {
  const both = names && other.names ? [...new Set([...names, ...other.names])].sort() : null;
  return { from, names: both };
}

// ── Re-exports ──────────────────────────────────────────────────────────────────────────────────────────

function isReExport(statement: unknown): statement is Node {
  return (
    isNode(statement) &&
    /^Export(Named|All)Declaration$/.test(statement.type) &&
    textOf(statement.source) !== null
  );
}

function reExportsOf(statement: Node): ReExport[] {
  const from = textOf(statement.source) ?? '';
  if (statement.type === 'ExportAllDeclaration') {
    const name = statement.exported ? nameOf(statement.exported) : '*';
    return [{ name, imported: '*', from }];
  }
  return nodesIn(statement.specifiers).map(({ exported, local }) => ({
    name: nameOf(exported),
    imported: nameOf(local),
    from,
  }));
}

// ── Reading nodes ───────────────────────────────────────────────────────────────────────────────────────

function nodesIn(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function textOf(value: unknown): string | null {
  return isNode(value) && value.type === 'Literal' && typeof value.value === 'string'
    ? value.value
    : null;
}

/** The name of an identifier, or the text of a quoted one. */
function nameOf(value: unknown): string {
  if (!isNode(value)) return '';
  return typeof value.name === 'string' ? value.name : (textOf(value) ?? '');
}
