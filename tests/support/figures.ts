// Shows a measurement's figures as they are printed, and why it failed where it did.
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export default class Figures implements Reporter {
  onStdOut(chunk: string | Buffer) {
    process.stdout.write(chunk);
  }

  onTestEnd(_test: TestCase, result: TestResult) {
    for (const error of result.errors) console.error(error.message ?? error.value);
  }

  onError(error: { message?: string }) {
    console.error(error.message);
  }

  printsToStdio() {
    return true;
  }
}
