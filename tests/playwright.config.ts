import { defineConfig } from '@playwright/test';
import { launch } from './support/browser';

export default defineConfig({
  testDir: 'walks',
  outputDir: 'results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  workers: 2,
  // Two browsers and a server share two cores there; a second try is reported as flaky, never hidden.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: !!process.env.CI,
  reporter: [['list'], ['./support/closing-line.ts']],
  use: {
    launchOptions: launch,
    locale: 'id-ID',
    timezoneId: 'Asia/Jakarta',
    serviceWorkers: 'allow',
    // Recording every walk costs more than it is worth; what failed is recorded at its second try, or with
    // `npx playwright test --trace on`.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
  },
});
