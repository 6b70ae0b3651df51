// The coordinator's pages of results: where governments stand, how one got there, and how far it is to a target.
import { resolve } from 'node:path';
import { type Page } from '@playwright/test';
import { check, checkInBoth } from '../support/axe';
import { DESKTOP, PHONE } from '../support/browser';
import { type Language, device, enrol, say } from '../support/people';
import type { Server } from '../support/server';
import { expect, test } from '../support/walk';

const PUBLISHED = resolve(import.meta.dirname, '../../public/samples/published.csv');

async function coordinator(page: Page, server: Server): Promise<void> {
  await server.loket('published', 'import', PUBLISHED);
  await enrol(page, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
  await expect(page.getByRole('heading', { level: 1, name: 'Cakupan' })).toBeVisible();
}

/** Cells of the first row that has this name. */
function row(page: Page, name: string) {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader').or(page.getByRole('cell')).getByText(name, { exact: true }) }).first();
}

test('a coordinator sees where the governments of the articles stand, and how Bontang got there', async ({ browser, server }) => {
  const page = await device(browser, { ...DESKTOP, viewport: { width: 1280, height: 800 } });
  await coordinator(page, server);
  await page.getByRole('link', { name: 'Hasil' }).click();
  await expect(page.getByRole('heading', { name: 'Di mana kita berdiri?' })).toBeVisible();
  const ours = page.getByRole('region', { name: 'Pemerintah yang dinilai di sini' });
  await expect(ours.getByRole('row').filter({ hasText: 'Kota Pangkalpinang' })).toContainText('73,14');
  await checkInBoth(page, 'all governments', page.getByRole('link', { name: 'Kota Bontang' }).first());

  await ours.getByRole('link', { name: 'Kota Bontang' }).click();
  await expect(page.getByText('2023: 88,23, kategori A, zona hijau. Masih kurang 1,77 sampai target 90.')).toBeVisible();
  await expect(row(page, '2022')).toContainText('72,33');
  await expect(row(page, '2022 → 2023')).toContainText('+15,90');
  for (const [neighbour, score] of [['Kutai Kartanegara', '94,46'], ['Kota Samarinda', '93,11'], ['Kota Balikpapan', '90,16']]) {
    await expect(page.getByRole('row').filter({ hasText: neighbour }).first()).toContainText(score!);
  }
  // Pictures say what they are to those who cannot see them.
  for (const picture of await page.locator('.picture svg').all()) await expect(picture).toHaveAccessibleName(/.+/);
  await checkInBoth(page, 'one government', page.locator('.picture svg').first());

  await page.getByLabel('Target').fill('88');
  await page.getByRole('button', { name: 'Tampilkan' }).click();
  await expect(page.getByText('Target 88 sudah tercapai.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Target 88 sudah tercapai.')).toBeVisible();
});

test('on paper a page of results is its report alone', async ({ browser, server }) => {
  const page = await device(browser, { ...DESKTOP, viewport: { width: 1280, height: 800 } });
  await coordinator(page, server);
  await page.goto(`${server.url}/results?government=${encodeURIComponent('Kota Bontang')}`);
  const report = page.locator('.report');
  await expect(report.locator('svg').first()).toBeVisible();
  const sections = await report.locator('section').count();
  await page.emulateMedia({ media: 'print' });
  for (const around of ['.bar', '.tabs', '.unprinted', '.report-links']) {
    for (const part of await page.locator(around).all()) await expect(part).toBeHidden();
  }
  for (const section of await report.locator('section').all()) await expect(section).toBeVisible();
  // All of it is on paper: nothing scrolls inside of the page.
  const cut = () => report.locator('.table-frame').evaluateAll((frames) => frames.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
  expect(await cut()).toBe(0);
  const paper = (await page.pdf({ format: 'A4' })).toString('latin1');
  const pages = paper.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(pages, `${sections} sections`).toBeGreaterThan(1);
});

test('pages of results speak English and fit a phone', async ({ browser, server }) => {
  const page = await device(browser, PHONE);
  await coordinator(page, server);
  const language: Language = 'en';
  await page.evaluate((code) => localStorage.setItem('loket.language', JSON.stringify(code)), language);
  await page.goto(`${server.url}/results?government=${encodeURIComponent('Kota Bontang')}`);
  await expect(page.getByRole('heading', { level: 1, name: say(language, 'results.title') })).toBeVisible();
  await expect(page.getByText('2023: 88.23, category A, green zone. 1.77 short of the target 90.')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await check(page, 'one government on a phone');
});

test('a surveyor is told that results are for coordinators', async ({ browser, server }) => {
  const page = await device(browser, PHONE);
  await enrol(page, server.url, await server.code({ person: 'Rina' }), 'Rina');
  await page.goto(`${server.url}/results`);
  await expect(page.getByText(say('id', 'coverage.denied'))).toBeVisible();
});
