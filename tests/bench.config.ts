import { defineConfig } from '@playwright/test';
import walks from './playwright.config';

// Measurements, one after another, with nothing on the screen but their figures.
export default defineConfig(walks, { testDir: 'bench', workers: 1, reporter: [['./support/figures.ts']] });
