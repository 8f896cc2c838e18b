import { checkout } from './checkout.ts';
import { createAppToken } from './create-app-token.ts';
import { downloadArtifact } from './download-artifact.ts';
import type { Equivalent } from './equivalent.ts';
import { setupNode } from './setup-node.ts';
import { uploadArtifact } from './upload-artifact.ts';

/** Local equivalents of actions that live in other repositories. */
export const thirdParty: Readonly<Record<string, Equivalent>> = {
  'actions/checkout': checkout,
  'actions/setup-node': setupNode,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
  'actions/create-github-app-token': createAppToken,
};
