import { defineConfig } from '@playwright/test';
import { launch } from './support/browser';

export default defineConfig({
  testDir: 'walks',
  outputDir: 'results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  reporter: [['list'], ['./support/closing-line.ts']],
  use: {
    launchOptions: launch,
    locale: 'id-ID',
    timezoneId: 'Asia/Jakarta',
    serviceWorkers: 'allow',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
