import { Type } from 'typebox';
import { parseValue } from '../../../platform/lib/json.ts';
import { context } from './event.ts';
import type { GitHub } from './github.ts';

const WorkflowRunEvent = Type.Object({
  workflow_run: Type.Object({
    id: Type.Integer(),
    workflow_id: Type.Integer(),
    run_attempt: Type.Integer({ minimum: 1 }),
    head_sha: Type.String({ pattern: '^[0-9a-f]{40}$' }),
    head_branch: Type.String(),
    event: Type.String(),
  }),
});

/**
 * Whether the run that the event is about has been replaced: by a later attempt of it, or by a later run of the same
 * workflow for the same commit. A job that somebody runs again by hand gets the event as it was the first time, and what
 * it has to say would be written over what the newer run has said.
 *
 * @throws MainstemError JSON_INVALID
 */
export async function hasNewerRun(github: GitHub): Promise<boolean> {
  const { workflow_run: run } = parseValue(context.payload, WorkflowRunEvent, 'the event');
  const runs = await github.paginate(github.rest.actions.listWorkflowRunsForRepo, {
    ...context.repo,
    head_sha: run.head_sha,
    branch: run.head_branch,
    event: run.event,
    per_page: 100,
  });
  return runs.some(
    ({ id, workflow_id, run_attempt = 1 }) =>
      workflow_id === run.workflow_id &&
      (id > run.id || (id === run.id && run_attempt > run.run_attempt)),
  );
}

/** Whether the run that the event is about has ended since. @throws MainstemError JSON_INVALID */
export async function hasEnded(github: GitHub): Promise<boolean> {
  const { workflow_run: run } = parseValue(context.payload, WorkflowRunEvent, 'the event');
  const { data } = await github.rest.actions.getWorkflowRun({ ...context.repo, run_id: run.id });
  return data.status === 'completed';
}
