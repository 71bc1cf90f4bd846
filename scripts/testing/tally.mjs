/**
 * What a test run came to, from the runner's JSON report.
 * @param {any} report
 */
export function tally(report) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  // A file that cannot even be loaded has no tests to count, yet it failed.
  const brokenFiles = files.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed)).length;
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: failedTests + brokenFiles,
    skipped,
    skippedLive: skipped.filter((test) => /\.(?:live|browser)\.test\./.test(test.file)),
  };
}

function isFailed(test) {
  return test.status === 'failed';
}

/** The closing line; programs look for exactly this form. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}
