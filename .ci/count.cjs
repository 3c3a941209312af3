const { writeFileSync } = require('node:fs');

/**
 * A reporter of jest: writes how many tests passed and failed to the file that `COUNT` names. `--json` writes nothing at all
 * when one test fails with an error that holds itself, as those of `spawnSync` do.
 */
module.exports = class {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // A suite that cannot even start has no tests to count; it failed all the same.
    writeFileSync(
      process.env.COUNT,
      `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`,
    );
  }
};
