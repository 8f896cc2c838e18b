import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asText, isTrue, type Scope } from '../simulate/runner/node.ts';
import { parseWorkflowFile, type Step, type WorkflowJob } from '../simulate/runner/workflow.ts';
import { conditions, type Situation } from './conditions.ts';

const folder = join(import.meta.dirname, '../../.github/workflows');

/** An `if` of a workflow, as GitHub reads it: with `success()` in front where it names no status. */
interface Condition {
  readonly place: string;
  readonly source: string;
  /** Whether something comes before that can fail. */
  readonly follows: boolean;
}

async function readConditions(): Promise<Condition[]> {
  const files = readdirSync(folder).map(async (name) => {
    const { jobs } = await parseWorkflowFile(name, readFileSync(join(folder, name), 'utf8'));
    return jobs.flatMap((job) => conditionsOf(name, job));
  });
  return (await Promise.all(files)).flat();
}

function conditionsOf(file: string, job: WorkflowJob): Condition[] {
  const place = `${file} ${job.id}`;
  const own = { place, source: job.condition, follows: job.needs.length > 0 };
  const steps = job.steps.filter(({ fields }) => fields.if !== undefined);
  return [
    ...(job.fields.if === undefined ? [] : [own]),
    ...steps.map((step) => ({
      place: `${place} ${nameOf(step)}`,
      source: step.condition,
      follows: true,
    })),
  ];
}

function nameOf({ id, fields }: Step): string {
  if (fields.uses === undefined) return id;
  const uses = asText(fields.uses).replace(/@.*/, '');
  return fields.name === undefined ? uses : `${uses} (${asText(fields.name)})`;
}

function scopeOf({ failed = false, cancelled = false, ...given }: Situation): Scope {
  const { github = {}, vars = {}, needs = {}, steps = {} } = given;
  const results = Object.values(needs).map(({ result }) => result);
  return {
    contexts: { github, vars, needs, steps },
    status: {
      success: !failed && !cancelled && results.every((result) => result === 'success'),
      failure: !cancelled && (failed || results.includes('failure')),
      cancelled,
    },
  };
}

/** Conditions that differ from this one in a single part. */
function mutantsOf({ source, follows }: Condition): string[] {
  const parts = source.match(/[\w.]+ [!=]= (?:'[^']*'|[\w.]+)/g) ?? [];
  const changed = parts.flatMap((part) =>
    ['true', 'false'].map((value) => source.replace(part, value)),
  );
  const status = source.includes('always()')
    ? source.replace('always()', 'success()')
    : source.replace('success()', 'always()');
  return follows ? [...changed, status] : changed;
}

const all = await readConditions();

test('every "if" of the workflows has its table, and every table its "if"', () => {
  expect(all.map(({ place }) => place).sort()).toEqual(Object.keys(conditions).sort());
});

describe.each(all)('$place', (condition) => {
  const rows = conditions[condition.place] ?? [];

  test.each(rows)('when %s', (_, given, runs) => {
    expect(isTrue(condition.source, scopeOf(given))).toBe(runs);
  });

  test.each(mutantsOf(condition))('its table would notice %s', (mutant) => {
    expect(mutant).not.toBe(condition.source);
    expect(rows.filter(([, given, runs]) => isTrue(mutant, scopeOf(given)) !== runs)).not.toEqual(
      [],
    );
  });
});
