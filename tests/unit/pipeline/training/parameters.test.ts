import { expect, test } from 'vitest';
import { TrainParameters } from '../../../../pipeline/training/parameters.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import {
  type NetworkParameters,
  PlatformParameters,
} from '../../../../platform/schemas/define/index.ts';
import { minimalParameters } from '../../../helpers/project.ts';

/** Does not compile where training reads a parameter as something other than what params.json holds. */
const read = (parameters: NetworkParameters): TrainParameters => ({ ...parameters });

test('training reads parameters that the platform describes, and those of the project', () => {
  const names = Object.keys(TrainParameters.properties).filter((name) => name !== 'model');
  expect(Object.keys(PlatformParameters.properties)).toEqual(expect.arrayContaining(names));
  const given = read({ ...minimalParameters, outlierExposure: 0.5 });
  expect(parseValue(given, TrainParameters, 'params.json')).toBe(given);
});
