import { data, Evaluator, Lexer, Parser } from './packages.ts';

/** A value of a workflow file whose expressions are not evaluated yet. */
export type Node =
  | string
  | number
  | boolean
  | null
  | Expression
  | readonly Node[]
  | { readonly [key: string]: Node };

/** An expression, without its braces. */
export class Expression {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** Where an expression looks names up, and what its status functions answer. */
export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly success: boolean;
    readonly failure: boolean;
    readonly cancelled: boolean;
  };
  readonly hashFiles?: (patterns: readonly string[]) => string;
}

/** A token of the parser as a node. */
export function toNode(token: unknown): Node {
  return fromJson(JSON.parse(JSON.stringify(token ?? null)));
}

function fromJson(value: unknown): Node {
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null;
  const { type, seq, map, expr } = value as Record<string, unknown>;
  if (type === 1 && Array.isArray(seq)) return seq.map(fromJson);
  if (type === 3 && typeof expr === 'string') return new Expression(expr);
  if (type !== 2 || !Array.isArray(map))
    throw new Error(`A token of type ${type} is not simulated.`);
  return Object.fromEntries(map.map(({ Key, Value }) => [String(Key), fromJson(Value)]));
}

/** The value of a node with all its expressions evaluated. */
export function evaluate(node: Node | undefined, scope: Scope): unknown {
  if (node === undefined) return undefined;
  if (node instanceof Expression) return evaluateExpression(node.source, scope);
  if (Array.isArray(node)) return node.map((item) => evaluate(item, scope));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, evaluate(value, scope)]),
  );
}

/** The value of an expression, by GitHub's own evaluator. */
export function evaluateExpression(source: string, scope: Scope): unknown {
  const functions = functionsOf(scope);
  const names = Object.keys(scope.contexts);
  const tokens = new Lexer(source).lex().tokens.map(wholeText);
  const tree = new Parser(tokens, names, [...functions.values()]).parse();
  const contexts = JSON.parse(JSON.stringify(scope.contexts), data.reviver);
  const result = new Evaluator(tree, contexts, functions).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer) ?? 'null');
}

type Token = ReturnType<InstanceType<typeof Lexer>['lex']>['tokens'][number];

/** The lexer (0.3.61) takes back only the first doubled quote of a text; GitHub's takes back all. */
function wholeText(token: Token): Token {
  if (!token.lexeme.startsWith("'")) return token;
  return { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") };
}

/** Whether a condition holds. */
export function isTrue(condition: string, scope: Scope): boolean {
  const value = evaluateExpression(`!!(${condition})`, scope);
  return value === true;
}

type Functions = NonNullable<ConstructorParameters<typeof Evaluator>[2]>;

function functionsOf({ status, hashFiles }: Scope): Functions {
  const { success = true, failure = false, cancelled = false } = status ?? {};
  const answers = { success, failure, cancelled, always: true };
  const functions: Functions = new Map(
    Object.entries(answers).map(([name, value]) => [
      name,
      { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) },
    ]),
  );
  functions.set('hashfiles', {
    name: 'hashFiles',
    minArgs: 1,
    maxArgs: 255,
    call: (...patterns) =>
      new data.StringData(hashFiles?.(patterns.map((one) => one.coerceString())) ?? ''),
  });
  return functions;
}

/** A node as text; the runner writes null as nothing. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A mapping's entries as text. */
export function asTexts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one)]));
}
