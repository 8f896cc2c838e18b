import { asText, type Node, toNode } from './node.ts';
import {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseAction,
  parseWorkflow,
} from './packages.ts';

type Fields = Readonly<Record<string, Node>>;

/** A workflow file, read by GitHub's own parser. */
export interface Workflow {
  readonly name: string;
  readonly path: string;
  readonly on: Readonly<Record<string, EventFilter>>;
  readonly fields: Fields;
  readonly jobs: readonly WorkflowJob[];
}

/** What an event has to be to start a workflow. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly 'branches-ignore'?: readonly string[];
  readonly tags?: readonly string[];
  readonly 'tags-ignore'?: readonly string[];
  readonly paths?: readonly string[];
  readonly 'paths-ignore'?: readonly string[];
  readonly workflows?: readonly string[];
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown }>>;
}

export interface WorkflowJob {
  readonly id: string;
  readonly needs: readonly string[];
  /** With `success() &&` in front where it asks for no status itself. */
  readonly condition: string;
  readonly fields: Fields;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id: string;
  readonly name: Node | undefined;
  readonly condition: string;
  readonly fields: Fields;
}

/** An action.yml. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: Node }>>;
  readonly outputs: Readonly<Record<string, Node>>;
  readonly using: string;
  readonly main: string;
  readonly post: string | null;
  readonly steps: readonly Step[];
}

/** @throws Error with what GitHub's parser finds wrong: GitHub would not start such a file */
export async function parseWorkflowFile(path: string, text: string): Promise<Workflow> {
  const { context, value } = parseWorkflow(
    { name: path, content: text },
    new NoOperationTraceWriter(),
  );
  if (value === undefined) throw new Error(`${path} is empty.`);
  const template = await convertWorkflowTemplate(context, value);
  const errors = [...context.errors.getErrors().map(String), ...(template.errors ?? [])];
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(asText).join('; ')}`);
  const fields = mapping(toNode(value));
  const jobs = template.jobs.map((job): WorkflowJob => {
    if (job.type !== 'job') throw new Error(`${path}: reusable workflows are not simulated.`);
    const own = mapping(mapping(fields.jobs ?? {})[job.id.value] ?? {});
    const conditions = job.steps.map((step) => step.if?.expression ?? 'success()');
    return {
      id: job.id.value,
      needs: (job.needs ?? []).map((need) => need.value),
      condition: job.if.expression,
      fields: own,
      steps: stepsOf(own.steps, conditions),
    };
  });
  const filters = template.events as unknown as Record<string, EventFilter>;
  return { name: asText(fields.name ?? path), path, on: filters, fields, jobs };
}

/** @throws Error with what GitHub's parser finds wrong */
export function parseActionFile(path: string, text: string): Action {
  const { context, value } = parseAction(
    { name: path, content: text },
    new NoOperationTraceWriter(),
  );
  const errors = context.errors.getErrors().map(String);
  if (errors.length > 0) throw new Error(`${path}: ${errors.join('; ')}`);
  const fields = mapping(toNode(value));
  const runs = mapping(fields.runs ?? {});
  const outputs = Object.entries(mapping(fields.outputs ?? {}));
  const inputs = Object.entries(mapping(fields.inputs ?? {}));
  return {
    inputs: Object.fromEntries(
      inputs.map(([name, input]) => [name, { default: mapping(input).default ?? '' }]),
    ),
    outputs: Object.fromEntries(
      outputs.map(([name, output]) => [name, mapping(output).value ?? '']),
    ),
    using: asText(runs.using),
    main: asText(runs.main),
    post: runs.post === undefined ? null : asText(runs.post),
    steps: stepsOf(runs.steps, []),
  };
}

function stepsOf(node: Node | undefined, conditions: readonly string[]): Step[] {
  const list: readonly Node[] = Array.isArray(node) ? node : [];
  return list.map((step, at) => {
    const fields = mapping(step);
    const id = fields.id === undefined ? `__${at}` : asText(fields.id);
    return { id, name: fields.name, condition: conditions[at] ?? ownCondition(fields.if), fields };
  });
}

/** For composite actions, whose conditions the parser leaves as they stand. */
function ownCondition(node: Node | undefined): string {
  if (node === undefined) return 'success()';
  const source = typeof node === 'object' && node && 'source' in node ? node.source : node;
  const text = asText(source);
  return /\b(success|failure|always|cancelled)\s*\(/.test(text) ? text : `success() && (${text})`;
}

/** A node that has to be a mapping; null is an empty one. */
export function mapping(node: Node): Fields {
  if (node === null) return {};
  if (typeof node !== 'object' || Array.isArray(node)) throw new Error('Expected a mapping.');
  return node as Fields;
}
