import { defineConfig } from 'vite';

// As one would release it: minified, for browsers of today.
export default defineConfig({ build: { target: 'es2022', outDir: process.env.FIELD_FORMS_DIST ?? 'dist', emptyOutDir: true } });
