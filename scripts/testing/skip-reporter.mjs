/** Names every skipped test with its reason before the runner's summary, so that nothing is skipped silently. */
export default class SkipReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { note } = test.result();
        process.stdout.write(`skipped: ${test.fullName}${note ? `: ${note}` : ''}\n`);
      }
    }
  }
}
