import { findSpellings } from '../../../platform/transforms/index.ts';
import { type Check, counted } from '../check.ts';
import { featureColumns, type TableSubject } from '../subjects.ts';

export const valueSpellings: Check<TableSubject> = {
  code: 'VALUE_SPELLINGS',
  severity: 'warning',
  finds:
    'Values of the label or of a category that differ only in how they are written, such as 1 and 1.0, or Yes and yes: the network takes them for two things.',
  hint: 'Decide for one way of writing each, and use it in the table and in project.ts.',
  observe: (subject) => {
    const categories = featureColumns(subject).filter(([, { kind }]) => kind === 'category');
    const label = subject.classes.length > 0 ? [subject.table.label] : [];
    return [...label, ...categories.map(([name]) => name)].flatMap((name) => {
      const column = subject.data.column(name);
      const values = Array.from(column?.counts ?? [], (_, code) => column?.text(code) ?? '');
      const places = findSpellings(values).map((set) => set.map(quoted).join(' = '));
      const message = `${counted(places.length, `value of ${name} is`, `values of ${name} are`)} written in several ways.`;
      return places.length === 0 ? [] : [{ message, places }];
    });
  },
};

function quoted(text: string): string {
  return JSON.stringify(text);
}
