import { property, quote } from './code.ts';
import type { ProjectPlan } from './plan.ts';

/** What a project is called, and where its data is. */
export interface ProjectTitle {
  readonly name: string;
  /** Relative to the repository. */
  readonly data: string;
  readonly source: string;
  readonly licence: string;
}

/** The text of project.ts. */
export function renderProject({ name, data, source, licence }: ProjectTitle, plan: ProjectPlan) {
  return `${[
    "import { defineProject } from '../../../platform/schemas/define/index.ts';",
    ...(plan.template ? ["import { model, modelParameters } from './model.ts';"] : []),
    '',
    plan.template
      ? '// Everything about one model but its network (model.ts) and its numbers to turn (params.json).'
      : '// Everything about one model but its numbers to turn (params.json).',
    'export default defineProject({',
    property(2, 'name', quote(name)),
    property(2, 'task', quote(plan.task)),
    '  // Source and licence are shown with every model made from this data: say whose it is.',
    '  data: {',
    property(4, 'name', quote(name)),
    property(4, 'path', quote(data)),
    property(4, 'source', quote(source)),
    property(4, 'licence', quote(licence)),
    '  },',
    ...plan.properties,
    '});',
  ].join('\n')}\n`;
}
