import { actionRoutes } from './actions.ts';
import { appRoutes } from './apps.ts';
import { deploymentRoutes } from './deployments.ts';
import { gitRoutes } from './git.ts';
import { issueRoutes } from './issues.ts';
import { pullRoutes } from './pulls.ts';
import type { Route } from './route.ts';
import { statusRoutes } from './statuses.ts';

/** All operations of GitHub's API that the stand-in has. */
export const routes: readonly Route[] = [
  ...gitRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...statusRoutes,
  ...actionRoutes,
  ...deploymentRoutes,
  ...appRoutes,
];
