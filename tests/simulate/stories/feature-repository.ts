import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  definition,
  harvest,
  makeTemplate,
  parameters,
  project,
  type Template,
} from './template-repository.ts';

const definitionOfFeatures = `import { defineFeatures } from '../../../platform/schemas/define/index.ts';

export const features = defineFeatures({
  rows: { path: 'data/asked.csv', time: 'weighed_at' },
  entities: { gourd: ['number'] },
  views: {
    size: {
      entity: 'gourd',
      source: { path: 'data/lengths.csv', time: 'measured_at' },
      fields: ['length'],
    },
  },
});
`;

/** What `collect` does: the measurements of a harvest come in two files. */
const collect = `  collect: async ({ root }) => {
    const { appendFile } = await import('node:fs/promises');
    await appendFile(\`\${root}/data/asked.csv\`, ${JSON.stringify(split(40, 9, 150).asked)});
    await appendFile(\`\${root}/data/lengths.csv\`, ${JSON.stringify(split(40, 9, 150).lengths)});
  },
});
`;

let made: Promise<Template> | undefined;

/**
 * The gourds, whose length is not in their table but looked up by their number. Rows, sources and table are on the remote only.
 * Made once a process.
 */
export function featureRepository(): Promise<Template> {
  made ??= makeTemplate({
    fill: (folder) => {
      const own = join(folder, 'pipeline/projects', project);
      for (const path of [own, join(folder, 'data')]) mkdirSync(path, { recursive: true });
      const { asked, lengths } = split(150, 5, 0);
      writeFileSync(join(folder, 'data/asked.csv'), `kind,weight,number,weighed_at\n${asked}`);
      writeFileSync(join(folder, 'data/lengths.csv'), `number,measured_at,length\n${lengths}`);
      writeFileSync(join(own, 'features.ts'), definitionOfFeatures);
      writeFileSync(join(own, 'params.json'), parameters());
      writeFileSync(join(own, 'README.md'), '# Gourds\n');
      const text = definition
        .replace("path: 'pipeline/projects/gourds/gourds.csv'", "path: 'data/gourds.csv'")
        .replace("  name: 'gourds',", "  name: 'gourds',\n  features,")
        .replace(/^/, "import { features } from './features.ts';\n")
        .replace(/\}\);\s*$/, () => collect);
      writeFileSync(join(own, 'project.ts'), text);
    },
    commands: [
      ['features', 'join', project],
      ['lock', project],
    ],
  });
  return made;
}

/** The rows of a harvest in two tables. @param first number of its gourds */
function split(rows: number, seed: number, first: number) {
  const gourds = harvest(rows, seed)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const [asked, lengths] = [
    gourds.map(([kind, weight], at) => `${kind},${weight},${first + at},2026-10-02\n`),
    gourds.map(([, , length], at) => `${first + at},2026-10-01,${length}\n`),
  ];
  return { asked: asked.join(''), lengths: lengths.join('') };
}
