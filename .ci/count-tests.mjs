// Prints `N passed, N failed` from the test runner's JSON report. A check that failed before or beside the tests
// counts as one failure, so that the line never looks better than the exit code.
import { existsSync, readFileSync } from 'node:fs';

const [reportFile, status] = process.argv.slice(2);
const report = existsSync(reportFile)
  ? JSON.parse(readFileSync(reportFile, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 0 };
const failed = report.numFailedTests + (status !== '0' && report.numFailedTests === 0 ? 1 : 0);
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed\n`);
