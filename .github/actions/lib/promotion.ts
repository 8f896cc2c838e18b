import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { context } from '@actions/github';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { projectsFolder } from '../../../platform/lib/layout.ts';
import { unlinkedText } from '../../../platform/lib/markdown.ts';
import {
  buildPointer,
  pointerPath,
  readPointer,
  recordPath,
  renderJson,
} from '../../../platform/registry/index.ts';
import type { Bundle } from './bundle.ts';
import type { GitHub } from './pull-request.ts';

/**
 * The files of a promotion: a record and a pointer for each candidate that the branch does not promote yet.
 *
 * @param root the default branch's checkout: only projects that it knows can be promoted.
 * @param sha the pull request's head.
 * @throws MainstemError BUNDLE_INVALID
 */
export async function promotionFiles(
  root: string,
  github: GitHub,
  sha: string,
  bundles: readonly Bundle[],
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { candidate, report } of bundles) {
    const { model, run } = candidate;
    if (!existsSync(join(root, projectsFolder, model))) {
      throw new MainstemError('BUNDLE_INVALID', {
        path: model,
        reason: 'the default branch has no such project',
      });
    }
    const champion = await readPointer(root, model);
    if (champion?.run === run) continue;
    const pointer = renderJson(buildPointer(candidate, report.gates, champion));
    const path = pointerPath(model, 'production');
    if ((await textAt(github, path, sha)) === pointer) continue;
    files[recordPath(model, run)] = renderJson(candidate);
    files[path] = pointer;
  }
  return files;
}

/** The commit message: what is promoted, and what a reviewer should look at. */
export function promotionMessage(bundles: readonly Bundle[]): string {
  const titles = bundles.map(({ candidate }) =>
    unlinkedText(`${candidate.model} ${candidate.run}`),
  );
  const verdicts = bundles.map(({ report }) =>
    unlinkedText(`${report.project.name}: ${report.verdict}`),
  );
  return `Promote ${titles.join(', ')}\n\n${verdicts.join('\n')}\nMerging this pull request makes it serve.`;
}

async function textAt(github: GitHub, path: string, ref: string): Promise<string | null> {
  try {
    const { data } = await github.rest.repos.getContent({ ...context.repo, path, ref });
    const encoded = 'content' in data ? data.content : '';
    return Buffer.from(encoded, 'base64').toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return null;
    throw error;
  }
}
