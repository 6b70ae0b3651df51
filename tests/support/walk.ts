// What every walk starts from: Playwright's test with a server of its own.
import { test as base } from '@playwright/test';
import { Server } from './server';

export const test = base.extend<{ server: Server }>({
  server: async ({}, use) => {
    const server = await Server.create();
    await server.start();
    await use(server);
    await server.discard();
  },
});

export { expect } from '@playwright/test';
