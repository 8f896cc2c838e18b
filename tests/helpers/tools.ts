import { globSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where `npm run test:setup` puts what no package manager installs. */
export const toolsFolder = join(import.meta.dirname, '../..', '.mainstem', 'tools');

/**
 * Programs built from Go modules: servers, Alertmanager as compose runs it (Debian's runs only where it is installed), the amtool
 * of a newer one, OpenTelemetry's collector, linters of GitHub's and of Argo's workflows, a reader of Grafana's dashboards,
 * kustomize, and the parts of Kubernetes in one.
 */
export const goPrograms = {
  alertmanager: join(toolsFolder, 'go', 'alertmanager'),
  amtool: join(toolsFolder, 'go', 'amtool'),
  actionlint: join(toolsFolder, 'go', 'actionlint'),
  collector: join(toolsFolder, 'go', 'collector'),
  argoLint: join(toolsFolder, 'go', 'argo-lint'),
  dashboards: join(toolsFolder, 'go', 'dashboards'),
  kubernetes: join(toolsFolder, 'go', 'kubernetes'),
  kustomize: join(toolsFolder, 'go', 'kustomize'),
  registry: join(toolsFolder, 'go', 'registry'),
  gofakes3: join(toolsFolder, 'go', 'gofakes3'),
};

const definitions = join(toolsFolder, 'custom-resources');

/** What operators define beside Kubernetes' own kinds: the files with their schemas, and the Go modules that hold them. */
export const customResources = {
  folder: definitions,
  modules: {
    'github.com/prometheus-operator/prometheus-operator@v0.92.0': [
      'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
      'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
    ],
    'github.com/kserve/kserve@v0.17.0': [
      'config/crd/full/serving.kserve.io_servingruntimes.yaml',
      'config/crd/full/serving.kserve.io_inferenceservices.yaml',
    ],
    'github.com/argoproj/argo-workflows/v4@v4.0.5': [
      'manifests/base/crds/full/argoproj.io_workflows.yaml',
    ],
  },
} as const;

/** Where the schemas of `customResources` lie. */
export const customResourceFiles = Object.values(customResources.modules)
  .flat()
  .map((path) => join(definitions, basename(path)));

/** Debian's registry, unpacked without installing it: installed, it would run as a service. */
export const dockerRegistry = join(toolsFolder, 'debian', 'usr', 'bin', 'docker-registry');

/** Checks the configuration of Alertmanager; unpacked for the same reason. */
export const amtool = join(toolsFolder, 'debian', 'usr', 'bin', 'amtool');

const venv = join(toolsFolder, 'moto');

/** A virtual environment of Python with moto, an S3 server, and oras, a client of registries. */
export const moto = {
  venv,
  program: join(venv, 'bin', 'moto_server'),
  python: join(venv, 'bin', 'python'),
};

const pythonTools = join(toolsFolder, 'python-tools');

/** Programs in packages of Python: zizmor audits workflows, act runs them, kubernetes-validate knows manifests. */
export const pythonPrograms = {
  venv: pythonTools,
  zizmor: join(pythonTools, 'bin', 'zizmor'),
  act: join(pythonTools, 'bin', 'act'),
  kubernetesValidate: join(pythonTools, 'bin', 'kubernetes-validate'),
};

const clients = join(toolsFolder, 'inference-clients');

const hasClient = (name: string) =>
  globSync(join(clients, 'lib', '*', 'site-packages', name)).length > 0;

/** A virtual environment of Python with clients of the Open Inference Protocol: tritonclient and KServe's. */
export const inferenceClients = {
  venv: clients,
  python: join(clients, 'bin', 'python'),
  /** An environment from before has fewer clients. */
  hasGrpc: hasClient('grpc'),
  hasKserve: hasClient('kserve'),
};

const kubeflowVenv = join(toolsFolder, 'kubeflow');

/** A virtual environment of Python with the SDK of Kubeflow Pipelines, which reads what it would compile itself. */
export const kubeflow = { venv: kubeflowVenv, python: join(kubeflowVenv, 'bin', 'python') };

const mlserverVenv = join(toolsFolder, 'mlserver');

/** MLServer with its `mlserver infer`, which wants other versions of packages than KServe's client. */
export const mlserver = {
  venv: mlserverVenv,
  program: join(mlserverVenv, 'bin', 'mlserver'),
};
