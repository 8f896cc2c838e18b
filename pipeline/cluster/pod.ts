import type { Site, Task } from './task.ts';

/** Where the image has the repository: `WORKDIR` of infra/container/training.Dockerfile. */
export const imageFolder = '/app';
/** What Mainstem is called with in the image. */
export const imageCommand = ['node', 'pipeline/cli/cli.ts'] as const;
/** Where a registry's credentials are mounted: a secret of the type `kubernetes.io/dockerconfigjson` has one key. */
export const registryFolder = '/etc/mainstem/registry';
const registryFile = `${registryFolder}/.dockerconfigjson`;

/** A variable with its value, or from where it comes. */
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** Variables that a secret gives to clients of S3. */
export const bucketVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
/** Whether the remote is a registry, whose credentials are a file; those of a bucket are variables. */
export function isRegistry({ remote }: Pick<Site, 'remote'>): boolean {
  return remote.startsWith('oci://');
}

/** Variables that are the same everywhere. */
export function plainVariables(site: Site): { readonly name: string; readonly value: string }[] {
  return [
    { name: 'NODE_ENV', value: 'production' },
    { name: 'NO_COLOR', value: '1' },
    // The one place beside its own folder that it may write to.
    { name: 'HOME', value: '/tmp' },
    ...(isRegistry(site) && site.settings.secret
      ? [{ name: 'REGISTRY_AUTH_FILE', value: registryFile }]
      : []),
  ];
}

/** The container of a task, which needs nothing special of its node. */
export function buildContainer(site: Site, task: Task) {
  return {
    name: 'main',
    image: site.image,
    workingDir: imageFolder,
    command: [...imageCommand],
    args: task.map(literal),
    env: [...plainVariables(site), ...secretVariables(site)],
    resources: buildResources(site),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'work', mountPath: `${imageFolder}/.mainstem` },
      { name: 'tmp', mountPath: '/tmp' },
      ...(mountsSecret(site)
        ? [{ name: 'registry', mountPath: registryFolder, readOnly: true }]
        : []),
    ],
  };
}

/** Kubernetes replaces `$(NAME)` by a variable, unless the dollar is doubled. */
function literal(word: string): string {
  return word.replaceAll('$(', '$$$$(');
}

function secretVariables(site: Site): Variable[] {
  const { secret } = site.settings;
  if (secret === undefined || isRegistry(site)) return [];
  return bucketVariables.map((name) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key: name } },
  }));
}

function mountsSecret(site: Site): boolean {
  return isRegistry(site) && site.settings.secret !== undefined;
}

/** What a task asks for, and may take. */
export function buildResources(site: Site) {
  const { cpu, gpus } = site.settings;
  const memory = memoryOf(site);
  return {
    requests: { cpu, memory },
    limits: { cpu, memory, ...(gpus > 0 && { 'nvidia.com/gpu': gpus }) },
  };
}

/** A stage is stopped with words at the project's limit, before the node kills what holds a quarter more. */
export function memoryOf({ settings, project }: Site): string {
  if (settings.memory !== undefined) return settings.memory;
  const { memoryMb } = project.limits;
  return memoryMb === undefined ? '4Gi' : `${Math.ceil(memoryMb * 1.25)}M`;
}

/** A run has eight stages at most. */
const mostStages = 8;

/** How long a task may take before the cluster ends it. */
export function deadlineSeconds({ settings, project }: Site): number {
  const { minutes } = project.limits;
  const allowed = minutes === undefined ? 360 : Math.ceil(minutes * mostStages);
  return (settings.minutes ?? allowed) * 60;
}

/** What a pod needs beside its container. */
export function buildPodSettings({ settings }: Site) {
  const { serviceAccount, pullSecrets, nodeSelector, tolerations } = settings;
  return {
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
  };
}

/** Volumes that the container mounts. */
export function buildVolumes(site: Site) {
  const { secret } = site.settings;
  return [
    { name: 'work', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    ...(mountsSecret(site) ? [{ name: 'registry', secret: { secretName: secret } }] : []),
  ];
}

/** Labels and annotations of everything that belongs to a project's work. */
export function buildMetadata(site: Site, project: string) {
  return {
    labels: {
      'app.kubernetes.io/name': 'mainstem-job',
      'app.kubernetes.io/managed-by': 'mainstem',
      'mainstem.project': project,
    },
    annotations: { 'mainstem.commit': site.commit },
  };
}
