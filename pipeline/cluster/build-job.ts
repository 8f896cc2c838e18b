import { nameLabel } from './name-label.ts';
import {
  buildContainer,
  buildMetadata,
  buildPodSettings,
  buildVolumes,
  deadlineSeconds,
} from './pod.ts';
import { jobName, type Site, type Task } from './task.ts';

/** Exit codes that a second try would not change: findings, usage, faults, and memory that ran out. */
const final = [1, 2, 4, 137];

/**
 * The Job of Kubernetes that runs a task: it may retry twice what a remote or a node was to blame for, and is gone a day after its
 * end. Results are in the remote by then.
 */
export function buildJob(site: Site, task: Task) {
  const metadata = buildMetadata(site, nameLabel(site.project.name, 63));
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: jobName(site, task), ...metadata },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: deadlineSeconds(site),
      ttlSecondsAfterFinished: 24 * 60 * 60,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          {
            action: 'FailJob',
            onExitCodes: { containerName: 'main', operator: 'In', values: final },
          },
        ],
      },
      template: {
        metadata,
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...buildPodSettings(site),
          containers: [
            { ...buildContainer(site, task), terminationMessagePolicy: 'FallbackToLogsOnError' },
          ],
          volumes: buildVolumes(site),
        },
      },
    },
  };
}
