import { join } from 'node:path';
import { Type } from 'typebox';
import { Default } from 'typebox/value';
import { dictionary } from '../../platform/lib/dictionary.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { readFile } from '../../platform/lib/read-text.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { defaulted, type Resolved } from '../../platform/schemas/defaulted.ts';

const closed = { additionalProperties: false };
/** A name that Kubernetes takes. */
const Name = Type.String({
  pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$',
  description: 'a name of a-z, 0-9, dots and dashes',
});
const Quantity = Type.String({
  pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$',
  description: 'an amount like 2, 500m or 4Gi',
});

/** `mainstem.jobs` of package.json: in which image, and with what, a cluster runs stages and trials. */
export const JobSettings = Type.Object(
  {
    /** `{commit}` stands for the commit of the working tree. */
    image: Type.Optional(Type.String({ minLength: 1 })),
    /** The secret with the credentials of the remote. */
    secret: Type.Optional(Name),
    /** Secrets with the credentials of the image's registry. */
    pullSecrets: defaulted(Type.Array(Name), []),
    /** The account of the pods, where the cloud gives credentials to accounts. */
    serviceAccount: Type.Optional(Name),
    cpu: defaulted(Quantity, '2'),
    /** Left out: what the project's limits allow, else 4Gi. */
    memory: Type.Optional(Quantity),
    gpus: defaulted(Type.Integer({ minimum: 0, maximum: 64 }), 0),
    /** A Job that takes longer is ended. Left out: what the project's limits allow, else six hours. */
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    nodeSelector: defaulted(dictionary(Type.String()), {}),
    tolerations: defaulted(
      Type.Array(
        Type.Object(
          {
            key: Type.Optional(Type.String()),
            operator: Type.Optional(Type.Union([Type.Literal('Exists'), Type.Literal('Equal')])),
            value: Type.Optional(Type.String()),
            effect: Type.Optional(
              Type.Union([
                Type.Literal('NoSchedule'),
                Type.Literal('PreferNoSchedule'),
                Type.Literal('NoExecute'),
              ]),
            ),
          },
          closed,
        ),
      ),
      [],
    ),
  },
  closed,
);
export type JobSettings = Resolved<typeof JobSettings>;

/**
 * Reads how Jobs run from the repository's package.json; without an entry, as by default.
 *
 * @throws MainstemError JOB_SETTINGS_INVALID
 */
export async function loadJobSettings(root: string): Promise<JobSettings> {
  const manifest: { mainstem?: { jobs?: unknown } } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const value: unknown = structuredClone(manifest.mainstem?.jobs ?? {});
  const fault = findSchemaFault(JobSettings, value);
  if (fault) {
    const reason = `is ${fault.value}, but must be ${fault.allowed}`;
    throw new MainstemError('JOB_SETTINGS_INVALID', { key: fault.key, reason });
  }
  // The schema has just passed it; defaults are what it is filled with.
  return Default(JobSettings, value) as JobSettings;
}
