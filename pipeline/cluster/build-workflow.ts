import { nameLabel } from './name-label.ts';
import { type Plan, sharedStages } from './plan.ts';
import {
  buildContainer,
  buildMetadata,
  buildPodSettings,
  buildVolumes,
  deadlineSeconds,
} from './pod.ts';
import { type Site, stageTask, type Task, trialTask, valuesArgument } from './task.ts';

/**
 * The Workflow of Argo that runs a pipeline: a pod for each stage in a graph; of a sweep, a pod for each trial after the stages that
 * all of them share.
 */
export function buildWorkflow(plan: Plan) {
  const { site, trials } = plan;
  const project = nameLabel(site.project.name, 63);
  const { labels, annotations } = buildMetadata(site, project);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      generateName: `mainstem-${nameLabel(site.project.name, 40)}-`,
      labels,
      annotations,
    },
    spec: {
      entrypoint: 'pipeline',
      ...(trials && { parallelism: plan.parallel }),
      ttlStrategy: { secondsAfterCompletion: 24 * 60 * 60 },
      podMetadata: { labels, annotations },
      ...buildPodSettings(site),
      volumes: buildVolumes(site),
      templates: [
        { name: 'pipeline', dag: { tasks: buildTasks(plan) } },
        buildTemplate(site, 'stage', stageTask(site, '{{inputs.parameters.stage}}'), 'stage'),
        ...(trials
          ? [
              buildTemplate(
                site,
                'trial',
                trialTask(site, '{{inputs.parameters.values}}', plan.footprint),
                'values',
              ),
            ]
          : []),
      ],
    },
  };
}

function buildTasks(plan: Plan) {
  const shared = sharedStages(plan);
  const stages = shared.map(({ name, needs }) => ({
    name,
    template: 'stage',
    ...(needs.length > 0 && { dependencies: [...needs] }),
    arguments: { parameters: [{ name: 'stage', value: name }] },
  }));
  if (!plan.trials) return stages;
  const trials = {
    name: 'trials',
    template: 'trial',
    dependencies: shared.map(({ name }) => name),
    arguments: { parameters: [{ name: 'values', value: '{{item.values}}' }] },
    withItems: plan.trials.map((values, trial) => ({
      trial: `${trial}`,
      values: valuesArgument(values),
    })),
  };
  return [...stages, trials];
}

/** A second try would change nothing after the other exit codes. */
const mayRetry = "lastRetry.status == 'Error' or asInt(lastRetry.exitCode) == 3";

function buildTemplate(site: Site, name: string, task: Task, parameter: string) {
  const { name: _, ...container } = buildContainer(site, task);
  return {
    name,
    inputs: { parameters: [{ name: parameter }] },
    activeDeadlineSeconds: deadlineSeconds(site),
    retryStrategy: { limit: '2', retryPolicy: 'Always', expression: mayRetry },
    container,
  };
}
