import { nameLabel } from './name-label.ts';
import { type Plan, sharedStages } from './plan.ts';
import {
  bucketVariables,
  buildPodSettings,
  buildResources,
  deadlineSeconds,
  imageCommand,
  imageFolder,
  isRegistry,
  plainVariables,
  registryFolder,
} from './pod.ts';
import { type Site, stageTask, type Task, trialTask, valuesArgument } from './task.ts';

/** The version of the format, which the API server asks for. */
const schemaVersion = '2.1.0';

/**
 * The intermediate representation of Kubeflow Pipelines: the pipeline, and what is Kubernetes' own (credentials, nodes, volumes) in a
 * document beside it. Results are found by their run keys, so Kubeflow's own cache is off.
 *
 * @param version of Mainstem
 */
export function buildPipelineSpec(plan: Plan, version: string) {
  const { site } = plan;
  const executors = Object.entries(tasksOf(plan));
  const name = (task: string) => `exec-${task}`;
  const spec = {
    pipelineInfo: {
      name: `mainstem-${nameLabel(site.project.name, 100)}`,
      description: `${site.project.name} at ${site.commit}`,
    },
    schemaVersion,
    sdkVersion: `mainstem-${version}`,
    components: buildComponents(plan),
    deploymentSpec: {
      executors: Object.fromEntries(
        executors.map(([task, words]) => [name(task), { container: containerOf(site, words) }]),
      ),
    },
    root: { dag: { tasks: buildTasks(plan) } },
  };
  const platform = platformOf(site);
  const platformSpec = {
    platforms: {
      kubernetes: {
        deploymentSpec: {
          executors: Object.fromEntries(executors.map(([task]) => [name(task), platform])),
        },
      },
    },
  };
  return [spec, platformSpec];
}

/** What each component runs. */
function tasksOf(plan: Plan): Record<string, Task> {
  const { site, trials, footprint } = plan;
  const stages = sharedStages(plan).map(({ name }) => [name, stageTask(site, name)] as const);
  const values = "{{$.inputs.parameters['values']}}";
  const trial = trials ? [['trial', trialTask(site, values, footprint)] as const] : [];
  return Object.fromEntries([...stages, ...trial]);
}

function containerOf(site: Site, task: Task) {
  const { limits, requests } = buildResources(site);
  const { gpus } = site.settings;
  return {
    image: site.image,
    command: [...imageCommand.slice(0, 1), `${imageFolder}/${imageCommand[1]}`],
    args: [...task],
    env: plainVariables(site),
    resources: {
      resourceCpuRequest: requests.cpu,
      resourceMemoryRequest: requests.memory,
      resourceCpuLimit: limits.cpu,
      resourceMemoryLimit: limits.memory,
      ...(gpus > 0 && {
        accelerator: { resourceType: 'nvidia.com/gpu', resourceCount: `${gpus}` },
      }),
    },
  };
}

function buildComponents(plan: Plan) {
  const values = { inputDefinitions: { parameters: { values: { parameterType: 'STRING' } } } };
  const stages = sharedStages(plan).map(
    ({ name }) => [`comp-${name}`, { executorLabel: `exec-${name}` }] as const,
  );
  if (!plan.trials) return Object.fromEntries(stages);
  const trials = {
    ...values,
    dag: {
      tasks: {
        trial: {
          ...taskOf('trial'),
          inputs: { parameters: { values: { componentInputParameter: 'values' } } },
        },
      },
    },
  };
  return {
    ...Object.fromEntries(stages),
    'comp-trial': { executorLabel: 'exec-trial', ...values },
    'comp-trials': trials,
  };
}

function taskOf(name: string) {
  return {
    taskInfo: { name },
    componentRef: { name: `comp-${name}` },
    cachingOptions: {},
    retryPolicy: { maxRetryCount: 2, backoffDuration: '30s', backoffFactor: 2 },
  };
}

function buildTasks(plan: Plan) {
  const shared = sharedStages(plan);
  const stages = shared.map(({ name, needs }) => [
    name,
    { ...taskOf(name), ...(needs.length > 0 && { dependentTasks: [...needs] }) },
  ]);
  if (!plan.trials) return Object.fromEntries(stages);
  const { retryPolicy: _, ...loop } = taskOf('trials');
  const trials = {
    ...loop,
    dependentTasks: shared.map(({ name }) => name),
    parameterIterator: {
      itemInput: 'values',
      items: { raw: JSON.stringify(plan.trials.map(valuesArgument)) },
    },
    iteratorPolicy: { parallelismLimit: plan.parallel },
  };
  return Object.fromEntries([...stages, ['trials', trials]]);
}

/** What only Kubernetes knows. */
function platformOf(site: Site) {
  const { settings } = site;
  const { secret, pullSecrets, nodeSelector, tolerations } = settings;
  const { runAsUser, runAsGroup } = buildPodSettings(site).securityContext;
  return {
    activeDeadlineSeconds: `${deadlineSeconds(site)}`,
    securityContext: { runAsUser: `${runAsUser}`, runAsGroup: `${runAsGroup}`, runAsNonRoot: true },
    emptyDirMounts: [{ volumeName: 'work', mountPath: `${imageFolder}/.mainstem` }],
    ...(secret !== undefined &&
      !isRegistry(site) && {
        secretAsEnv: [
          {
            secretName: secret,
            keyToEnv: bucketVariables.map((key) => ({ secretKey: key, envVar: key })),
          },
        ],
      }),
    ...(secret !== undefined &&
      isRegistry(site) && {
        secretAsVolume: [{ secretName: secret, mountPath: registryFolder }],
      }),
    ...(pullSecrets.length > 0 && {
      imagePullSecret: pullSecrets.map((secretName) => ({ secretName })),
    }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { labels: nodeSelector } }),
    ...(tolerations.length > 0 && { tolerations }),
  };
}
