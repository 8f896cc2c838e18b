import { mostSliceValues } from '../../../platform/schemas/index.ts';
import { type Check, observed } from '../check.ts';
import type { TableSubject } from '../subjects.ts';

export const sliceTooFine: Check<TableSubject> = {
  code: 'SLICE_TOO_FINE',
  severity: 'error',
  finds:
    'Slices by a column with more than 10,000 different values: each would hold next to nothing, and results are not kept for them.',
  hint: 'Remove the column from slices in project.ts, or add one to the table with fewer values, such as the region of a store.',
  observe: ({ data, slices = [] }) => {
    const fine = slices.filter((name) => {
      return (data.column(name)?.counts.length ?? 0) > mostSliceValues;
    });
    return observed(fine, `${fine.join(', ')} has too many values to slice by.`);
  },
};
