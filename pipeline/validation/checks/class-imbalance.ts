import { type Check, observed } from '../check.ts';
import { countOf, type ExampleSubject } from '../subjects.ts';

export const classImbalance: Check<ExampleSubject> = {
  code: 'CLASS_IMBALANCE',
  severity: 'warning',
  finds: 'Classes that a network may ignore and still look good, because they are rare.',
  threshold: 'imbalance',
  hint: 'Collect more of the rare classes. Judge by log loss skill, average precision and each class’s recall, not by accuracy; classWeights "balanced" in params.json has training weigh rare classes more.',
  observe: (subject) => {
    const { classes, imbalance } = subject;
    const counts = classes
      .map((name) => ({ name, count: countOf(subject, 'train', name) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => a.count - b.count);
    const [rarest, commonest] = [counts[0], counts.at(-1)];
    if (!rarest || !commonest || commonest.count <= imbalance * rarest.count) return [];
    const ratio = (commonest.count / rarest.count).toFixed(1);
    return observed(
      counts.map(({ name, count }) => `${name} ${count}`),
      `Class ${commonest.name} has ${ratio} times as many training examples as ${rarest.name}.`,
    );
  },
};
