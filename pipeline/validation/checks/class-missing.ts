import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const classMissing: Check<ExampleSubject> = {
  code: 'CLASS_MISSING',
  severity: 'error',
  finds: 'Classes without any example to learn from.',
  hint: 'Add examples of the class, or remove it from classes in project.ts. Names must match, including upper and lower case.',
  observe: ({ examples, classes }) => {
    const trained = new Set(
      examples.filter(({ split }) => split === 'train').map(({ label }) => label),
    );
    const missing = classes.filter((name) => !trained.has(name));
    return observed(missing, `No training example of ${missing.join(', ')}.`);
  },
};
