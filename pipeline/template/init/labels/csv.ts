import type { LabelFormat } from './label-format.ts';
import { readLabelTable } from './read-label-table.ts';

/** A table with a row for each photo: a column names it, another holds its label. */
export const csv: LabelFormat = {
  name: 'CSV',
  extension: '.csv',
  read: (file, context) => readLabelTable(file.csv(), file.path, context),
};
