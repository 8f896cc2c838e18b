import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFarm, type Farm } from './farm.ts';
import { writeFileIn } from './features.ts';

const features = `import { defineFeatures } from '../../../platform/schemas/define/index.ts';

export const features = defineFeatures({
  rows: { path: 'data/asked.csv', time: 'asked_at' },
  entities: { grower: ['grower_id'] },
  views: {
    soil: {
      entity: 'grower',
      source: { path: 'data/soil.csv', time: 'measured_at', created: 'written_at' },
      fields: ['y'],
      ttl: '30d',
      freshness: '7d',
    },
  },
});
`;

/** Two kinds of plants, which the measurement of the grower's soil tells apart; each grower has 12 rows. */
function renderRows(): string {
  const rows = Array.from({ length: 120 }, (_, row) => {
    const kind = row % 2 === 0 ? 'a' : 'b';
    const x = (row % 2 === 0 ? 1 : 4) + ((row * 37) % 100) / 100;
    const day = String(2 + (row % 20)).padStart(2, '0');
    return `g${row % 10},2026-03-${day}T08:00:00+01:00,${x},${['red', 'green', 'blue'][row % 3]},${kind}`;
  });
  return ['grower_id,asked_at,x,colour,kind', ...rows].join('\n');
}

/** What is known of the soil of ten growers. */
export function renderSoil(): string {
  const rows = Array.from({ length: 10 }, (_, grower) => {
    const y = (grower % 2 === 0 ? 1 : 4) + grower / 100;
    return `g${grower},2026-03-01,2026-03-01T12:00:00Z,${y}`;
  });
  return ['grower_id,measured_at,written_at,y', ...rows].join('\n');
}

/** A farm whose project `tab` looks its column y up by the grower; nothing is joined yet. */
export async function buildFeatureFarm(root: string): Promise<Farm> {
  const farm = await buildFarm(root);
  await writeFileIn(farm.root, 'data/asked.csv', renderRows());
  await writeFileIn(farm.root, 'data/soil.csv', renderSoil());
  await writeFile(join(farm.root, 'pipeline/projects/tab/features.ts'), features);
  await farm.edit(
    'pipeline/projects/tab/project.ts',
    'export default',
    "import { features } from './features.ts';\n\nexport default",
  );
  await farm.edit(
    'pipeline/projects/tab/project.ts',
    "  name: 'tab',",
    "  name: 'tab',\n  features,",
  );
  return farm;
}
