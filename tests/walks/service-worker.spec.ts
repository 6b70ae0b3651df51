// The service worker alone: a version is on the device whole or not at all, and never changes under an open form.
import { type Page } from '@playwright/test';
import { OwnBrowser } from '../support/browser';
import { Front } from '../support/front';
import { expect, test } from '../support/walk';

type Ask = 'version' | 'take-over';

/** Asks the worker in this place, and gives its answer. */
function ask(page: Page, place: 'active' | 'waiting', type: Ask): Promise<{ version?: string; taken?: boolean }> {
  return page.evaluate(
    async ([place, type]) => {
      const registration = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise<any>((resolve) => (port1.onmessage = (event) => resolve(event.data)));
      registration[place]!.postMessage({ type }, [port2]);
      return answer;
    },
    [place, type] as const,
  );
}

/** Looks for a new version; tells whether one now waits. */
function look(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update().catch((): string[] => []);
    const worker = registration.installing;
    while (worker !== null && worker.state === 'installing') {
      await new Promise((changed) => worker.addEventListener('statechange', changed, { once: true }));
    }
    return registration.waiting !== null;
  });
}

/** The caches there are; none can be told while the page starts anew by itself after a take-over. */
const caches = (page: Page) => page.evaluate(() => globalThis.caches.keys()).catch((): string[] => []);

test('a new version waits, is refused while a form is open, and takes over whole afterwards', async ({ page, server }) => {
  const front = await Front.before(server);
  await page.goto(front.url);
  const { version: old } = await ask(page, 'active', 'version');
  const next = await front.publish('second version');

  await page.evaluate(() => {
    const opened = new Promise<void>((done) => {
      void navigator.locks.request('loket-form', { mode: 'shared' }, () => {
        done();
        return new Promise<void>((close) => Object.assign(globalThis, { closeForm: close }));
      });
    });
    return opened;
  });
  expect(await look(page)).toBe(true);
  expect(await ask(page, 'waiting', 'version')).toEqual({ version: next });
  expect(await ask(page, 'waiting', 'take-over')).toEqual({ taken: false });
  expect(await ask(page, 'active', 'version')).toEqual({ version: old });

  await page.evaluate(() => (globalThis as unknown as { closeForm: () => void }).closeForm());
  expect(await ask(page, 'waiting', 'take-over')).toEqual({ taken: true });
  await expect.poll(() => caches(page)).toEqual([`loket-${next}`]);
  await server.stop();
  await expect(async () => {
    // The page may just be starting anew by itself.
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.content()).toContain('second version');
  }).toPass();
  await front.discard();
});

test('a new version that arrives with a file missing leaves the old one whole', async ({ page, server }) => {
  const front = await Front.before(server);
  await page.goto(front.url);
  const { version: old } = await ask(page, 'active', 'version');
  const next = await front.publish('third version');
  front.break('/manifest.webmanifest');
  expect(await look(page)).toBe(false);
  expect(await caches(page)).toEqual([`loket-${old}`]);

  front.mend('/manifest.webmanifest');
  expect(await look(page)).toBe(true);
  expect((await caches(page)).sort()).toEqual([`loket-${next}`, `loket-${old}`].sort());
  expect(await ask(page, 'active', 'version')).toEqual({ version: old });
  await front.discard();
});

test('the app starts without a server after the browser was killed and started again', async ({ server }) => {
  const browser = await OwnBrowser.create();
  try {
    const before = await (await browser.start()).newPage();
    await before.goto(server.url);
    await ask(before, 'active', 'version');
    await server.stop();
    await browser.kill();

    const after = await (await browser.start()).newPage();
    await after.goto(server.url);
    await expect(after.getByRole('heading', { level: 1 })).toBeVisible();
  } finally {
    await browser.discard();
  }
});
