// Reads the test runner's JSON results, names what was skipped, prints the line that CI looks for.
//   node tests/summary.ts <results.json>      exit 1 if anything failed, was skipped, or nothing ran
import { readFileSync } from 'node:fs';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const results: Results = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const skipped = results.testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed'),
);
for (const { fullName } of skipped) process.stdout.write(`skipped: ${fullName}\n`);
// A file that fails to load has no failed tests of its own, but is a failure all the same.
const failed =
  Math.max(results.numFailedTests, Math.min(results.numFailedTestSuites, 1)) + skipped.length;
process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
if (failed > 0 || results.numPassedTests === 0) process.exitCode = 1;
