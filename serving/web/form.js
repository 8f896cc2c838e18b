/**
 * Draws a field for each column of a table and passes on each row that is submitted.
 *
 * @param {HTMLFormElement} form
 * @param {{name: string, kind: string, values: string[], typical: number | null}[]} columns
 * @param {(row: Record<string, string | number>) => void} onRow
 */
export function drawForm(form, columns, onRow) {
  form.querySelector('.columns').append(...columns.map(drawField));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const entries = [...new FormData(form)].filter(([, value]) => value !== '');
    onRow(Object.fromEntries(entries));
  });
}

/** A column's name as people write it: `bill_length` becomes `Bill length`. */
export function wordsOf(name) {
  const spaced = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}

function drawField({ name, kind, values, typical }) {
  const label = document.createElement('label');
  const field = fields[kind]({ values, typical });
  field.name = name;
  label.append(wordsOf(name), field);
  return label;
}

const fields = {
  number: numberField,
  category: choiceField,
  date: dateField,
  boolean: () => choiceField({ values: ['yes', 'no'] }),
};

function dateField() {
  const input = document.createElement('input');
  input.type = 'date';
  return input;
}

function numberField({ typical }) {
  const input = document.createElement('input');
  input.type = 'number';
  input.step = 'any';
  input.inputMode = 'decimal';
  const usual = typical?.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });
  if (usual) input.placeholder = `for example ${usual}`;
  return input;
}

function choiceField({ values }) {
  const select = document.createElement('select');
  select.append(new Option('not known', ''), ...values.map((value) => new Option(value, value)));
  return select;
}
