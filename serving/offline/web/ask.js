import { explainProblem } from './client.js';

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
const waiting = new Map();
let asked = 0;

/**
 * Asks the worker that holds the model.
 *
 * @param question as in serving/offline/messages.ts
 * @throws Error with a message for people
 */
export function ask(question) {
  asked += 1;
  const id = asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, ask: question });
  });
}

worker.addEventListener('message', ({ data: { id, answer, problem } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (problem) reject(new Error(explainProblem(problem)));
  else resolve(answer);
});

// It did not load, or an old browser cannot run it.
worker.addEventListener('error', () => {
  for (const { reject } of waiting.values())
    reject(
      new Error('This browser cannot run the model. Try a newer one, or load the page again.'),
    );
  waiting.clear();
});
