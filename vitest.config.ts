import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** One project per kind of test, so that `npm test -- --project unit` runs the fast ones alone. */
const kinds = {
  unit: 30_000,
  contract: 60_000,
  repo: 60_000,
  integration: 180_000,
  e2e: 600_000,
  simulate: 1_200_000,
  // Only where `npm run test:setup -- cluster` has built a Kubernetes or Argo's linter, which takes long.
  ...(['kubernetes', 'argo-lint'].some((name) => existsSync(`.mainstem/tools/go/${name}`))
    ? { cluster: 600_000 }
    : {}),
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: Object.entries(kinds).map(([name, testTimeout]) => ({
      extends: true,
      test: {
        name,
        // What a developer has installed for themselves changes no test.
        env: { GITHUB_ACTIONS: '', MAINSTEM_BACKENDS: '/var/empty/mainstem-backends' },
        include: [`tests/${name}/**/*.test.ts`],
        testTimeout,
        hookTimeout: testTimeout,
        pool: 'forks',
        // All stories start from one repository, which each worker makes once.
        isolate: name !== 'simulate',
      },
    })),
  },
});
