import { type Check, observed } from '../check.ts';
import { countOf, type ExampleSubject } from '../subjects.ts';

export const classMissing: Check<ExampleSubject> = {
  code: 'CLASS_MISSING',
  severity: 'error',
  finds: 'Classes without any example to learn from.',
  hint: 'Add examples of the class, or remove it from classes in project.ts. Names must match, including upper and lower case.',
  observe: (subject) => {
    const missing = subject.classes.filter((name) => countOf(subject, 'train', name) === 0);
    return observed(missing, `No training example of ${missing.join(', ')}.`);
  },
};
