import { type Check, counted } from '../check.ts';
import { predictAlone } from '../predict-alone.ts';
import { featureColumns, type TableSubject } from '../subjects.ts';

/** What one column that is known before the label hardly ever reaches. */
const suspicious = 0.99;

export const columnLeak: Check<TableSubject> = {
  code: 'COLUMN_LEAK',
  severity: 'warning',
  finds:
    'Features that alone predict the label nearly without error: most likely they were filled in after it, or are made from it.',
  hint: 'Find out when the column is filled in. If that is not before the prediction, remove it from table.features.',
  observe: (subject) => {
    if (subject.data.place(subject.table.label) < 0) return [];
    const places = featureColumns(subject).flatMap(([name]) => {
      const found = predictAlone(subject, name);
      if (!found || found.value < suspicious) return [];
      return [`${name}: ${found.measure} ${found.value.toFixed(3)}`];
    });
    const message = `${counted(places.length, 'feature alone predicts', 'features alone predict')} ${subject.table.label} nearly without error.`;
    return places.length === 0 ? [] : [{ message, places }];
  },
};
