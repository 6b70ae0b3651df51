// A new version of the app: never while a form is open, and whole or not at all.
import { type Page } from '@playwright/test';
import { PHONE } from '../support/browser';
import { Front } from '../support/front';
import { DUKCAPIL, choose, enrol, kept, openSection, openVisit } from '../support/people';
import { expect, test as base } from '../support/walk';

const test = base.extend<{ front: Front }>({
  front: async ({ server }, use) => {
    const front = await Front.before(server);
    await use(front);
    await front.discard();
  },
});

test.use(PHONE);

const notice = (page: Page) => page.getByText('Versi baru sudah siap. Dipakai setelah semua formulir ditutup.');
const takeIt = (page: Page) => page.getByRole('button', { name: 'Pakai sekarang' });
const caches = (page: Page) => page.evaluate(async () => (await globalThis.caches.keys()).sort());

/** Asks for news now, as the app does every hour. */
const look = (page: Page) =>
  page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update().catch(() => undefined)));

/** Puts a mark into the page's memory, which is gone when the page is loaded anew. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { notReloaded: true }));
const isMarked = (page: Page) => page.evaluate(() => 'notReloaded' in globalThis);

/** Waits until no tab has a form open any more: what was typed in it is kept before it lets go. */
async function formsClosed(page: Page): Promise<void> {
  const open = async () => (await navigator.locks.query()).held!.some((lock) => lock.name === 'loket-form');
  await expect.poll(() => page.evaluate(open)).toBe(false);
}

test('a new version that arrives while a form is open leaves the form alone, and is taken whole once it is closed', async ({ page, server, front }) => {
  await enrol(page, front.url, await server.code({ person: 'Rina' }), 'Rina');
  await kept(page);
  const [old] = await caches(page);
  await openVisit(page, DUKCAPIL);
  await openSection(page, 'Penutup');
  await page.getByLabel(/^Temuan penting/).fill('Papan standar tidak ter');
  await mark(page);

  const next = `loket-${await front.publish('versi kedua')}`;
  await look(page);
  await expect(notice(page)).toBeVisible();
  expect(await caches(page)).toEqual([old, next].sort());
  await takeIt(page).click();
  await expect(notice(page)).toBeVisible();
  await page.getByLabel(/^Temuan penting/).pressSequentially('lihat');
  await expect(page.getByText('Tersimpan di perangkat ini')).toBeVisible();
  expect(await isMarked(page)).toBe(true);
  expect(await caches(page)).toEqual([old, next].sort());
  await expect(page.getByLabel(/^Temuan penting/)).toHaveValue('Papan standar tidak terlihat');

  // The form stays open behind its own pages: going to the overview changes nothing.
  await page.getByRole('link', { name: 'Ringkasan' }).click();
  await expect(page.getByRole('heading', { name: 'Bagian' })).toBeVisible();
  await takeIt(page).click();
  await page.getByRole('link', { name: /^Penutup/ }).click();
  await expect(page.getByLabel(/^Temuan penting/)).toHaveValue('Papan standar tidak terlihat');
  expect(await isMarked(page)).toBe(true);

  await page.getByRole('link', { name: 'Loket', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
  await formsClosed(page);
  await takeIt(page).click();
  await expect.poll(() => isMarked(page).catch(() => true), { timeout: 30_000 }).toBe(false);
  await expect.poll(() => caches(page)).toEqual([next]);
  await expect(page.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
  expect(await page.content()).toContain('versi kedua');
  await expect(notice(page)).toBeHidden();

  await server.stop();
  await page.reload();
  expect(await page.content()).toContain('versi kedua');
  await openVisit(page, DUKCAPIL);
  await openSection(page, 'Penutup');
  await expect(page.getByLabel(/^Temuan penting/)).toHaveValue('Papan standar tidak terlihat');
});

test('a form open in another tab holds a new version back', async ({ page, context, server, front }) => {
  await enrol(page, front.url, await server.code({ person: 'Rina' }), 'Rina');
  await kept(page);
  const other = await context.newPage();
  await other.goto(front.url);
  await openVisit(other, DUKCAPIL);
  await openSection(other, 'Unit & tempat');
  await choose(other, /^Jam datang/, 'Sebelum 10.00');
  await mark(other);

  const [old] = await caches(page);
  const next = `loket-${await front.publish('versi kedua')}`;
  await look(page);
  await expect(takeIt(page)).toBeVisible();
  await takeIt(page).click();
  await expect(notice(page)).toBeVisible();
  expect(await caches(page)).toEqual([old, next].sort());
  expect(await isMarked(other)).toBe(true);

  await other.getByRole('link', { name: 'Loket', exact: true }).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
  await formsClosed(page);
  await takeIt(page).click();
  await expect.poll(() => caches(page).catch(() => [])).toEqual([next]);
  for (const tab of [page, other]) await expect.poll(() => tab.content().catch(() => '')).toContain('versi kedua');
});

test('a kiosk takes no new version while a citizen answers', async ({ page, server, front }) => {
  await enrol(page, front.url, await server.code({ role: 'kiosk', unit: DUKCAPIL.id, person: 'Kios' }), 'Kios');
  await kept(page);
  await page.getByRole('button', { name: 'Mulai dalam Bahasa Indonesia' }).click();
  await expect(page.getByText('Pertanyaan 1 dari')).toBeVisible();
  await mark(page);
  const [old] = await caches(page);
  const next = `loket-${await front.publish('versi kedua')}`;
  await look(page);
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting !== null)).toBe(true);
  expect(await caches(page)).toEqual([old, next].sort());
  expect(await page.evaluate(takeOver)).toBe(false);
  expect(await isMarked(page)).toBe(true);
  await expect(page.getByText('Pertanyaan 1 dari')).toBeVisible();
});

test('a kiosk takes a new version by itself once nobody answers', async ({ page, server, front }) => {
  await enrol(page, front.url, await server.code({ role: 'kiosk', unit: DUKCAPIL.id, person: 'Kios' }), 'Kios');
  await kept(page);
  const next = `loket-${await front.publish('versi kedua')}`;
  await look(page);
  await expect.poll(() => caches(page).catch(() => [])).toEqual([next]);
  await expect.poll(() => page.content().catch(() => '')).toContain('versi kedua');
  await expect(page.getByRole('heading', { level: 1, name: 'Bagaimana Anda dilayani hari ini?' })).toBeVisible();
});

test('a new version with a file missing is not taken at all', async ({ page, server, front }) => {
  await enrol(page, front.url, await server.code({ person: 'Rina' }), 'Rina');
  await kept(page);
  const before = await caches(page);
  await front.publish('versi rusak');
  front.break('/manifest.webmanifest');
  await look(page);
  await page.evaluate(async () => {
    const { installing } = await navigator.serviceWorker.ready;
    while (installing !== null && installing.state === 'installing') {
      await new Promise((changed) => installing.addEventListener('statechange', changed, { once: true }));
    }
  });
  expect(await caches(page)).toEqual(before);
  await expect(notice(page)).toBeHidden();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
  expect(await page.content()).not.toContain('versi rusak');
  await server.stop();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
});

/** Asks the waiting version to take over; runs in the page. */
async function takeOver(): Promise<boolean> {
  const { waiting } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<any>((resolve) => (port1.onmessage = (event) => resolve(event.data)));
  waiting!.postMessage({ type: 'take-over' }, [port2]);
  return (await answer).taken;
}
