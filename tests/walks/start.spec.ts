// The app comes up from a real server, and stays up without one.
import { PHONE } from '../support/browser';
import { expect, test } from '../support/walk';

test.use(PHONE);

test('the app starts in Indonesian and takes the place of the first paint', async ({ page, server }) => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(server.url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'id');
  await expect(page.locator('#first-paint')).toBeHidden();
  expect(faults).toEqual([]);
});

test('after one visit the app starts with the server stopped', async ({ page, server }) => {
  await page.goto(server.url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await server.stop();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('where the program stops by a fault, the page says what to do and begins anew', async ({ page, server }) => {
  await page.goto(server.url);
  const first = page.getByRole('heading', { level: 1, name: 'Hubungkan perangkat ini' });
  await expect(first).toBeVisible();
  await expect(page.locator('#stopped')).toBeHidden();
  // What a browser throws where wasm runs into `unreachable`; no way to make the app do that is known.
  await page.evaluate(() => {
    setTimeout(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
  });
  await expect(page.getByRole('alert').filter({ hasText: 'Yang sudah tersimpan tetap ada' })).toBeVisible();
  await expect(first).toBeHidden();
  await page.getByRole('button', { name: 'Muat ulang' }).click();
  await expect(first).toBeVisible();
});
