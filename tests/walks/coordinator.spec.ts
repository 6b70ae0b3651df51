// The coordinator at a desk: how far the round has come, which answers differ, and new devices.
import { type Locator, type Page } from '@playwright/test';
import { DESKTOP, KIOSK, PHONE } from '../support/browser';
import {
  Citizen, DUKCAPIL, KESEHATAN, choose, device, differ, enrol, openSection, openVisit, send, twoPhones,
} from '../support/people';
import type { Server } from '../support/server';
import { expect, test } from '../support/walk';

test.use({ ...DESKTOP, viewport: { width: 1280, height: 800 } });

async function coordinator(page: Page, server: Server): Promise<void> {
  await enrol(page, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
  await expect(page.getByRole('heading', { level: 1, name: 'Cakupan' })).toBeVisible();
}

/** A unit's or the total's row in a government's table; its cells are visits, interviews, differing answers, answers to check. */
function row(page: Page, government: string, name: string): Locator {
  const table = page.getByRole('region', { name: government }).or(page.getByRole('table', { name: government }));
  return table.first().getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

async function expectRow(page: Page, government: string, name: string, ...cells: (string | RegExp)[]): Promise<void> {
  await expect(async () => {
    await page.getByRole('button', { name: 'Perbarui' }).click();
    await expect(row(page, government, name).getByRole('cell')).toHaveText(cells, { timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
}

test('coverage shows visits opened and closed, and interviews against the target, per government and unit', async ({ page, browser, server }) => {
  await coordinator(page, server);
  for (const government of ['Kota Balikpapan', 'Kota Bontang', 'Kota Pangkalpinang']) {
    await expectRow(page, government, 'Pemerintah', /Dibuka\s0\s*·\s*Selesai\s0/, /0 dari 30/, '0', '0');
  }
  await expectRow(page, 'Kota Pangkalpinang', DUKCAPIL.name, 'Belum dikunjungi', '0', '0', '0');

  const phone = await device(browser, PHONE);
  await enrol(phone, server.url, await server.code({ person: 'Rina' }), 'Rina');
  await openVisit(phone, DUKCAPIL);
  await openSection(phone, 'Unit & tempat');
  await choose(phone, /^Jam datang/, '10.00 - 12.00');
  await phone.getByRole('link', { name: 'Lanjut' }).click();
  await openVisit(phone, KESEHATAN);
  await phone.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
  await expect(phone.getByText('Masih ada yang perlu diisi:')).toBeVisible();
  await phone.getByRole('button', { name: 'Selesaikan walau belum lengkap' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: KESEHATAN.name })).toBeVisible();
  await send(phone);

  const kiosk = await device(browser, KIOSK);
  await enrol(kiosk, server.url, await server.code({ role: 'kiosk', unit: DUKCAPIL.id, person: 'Kios' }), 'Kios');
  for (let interviews = 0; interviews < 2; interviews += 1) {
    const citizen = await Citizen.begin(kiosk);
    await citizen.goOnToFreeWord();
    await citizen.finish();
    await citizen.press('kiosk.again');
  }

  await expectRow(page, 'Kota Pangkalpinang', DUKCAPIL.name, 'Kunjungan dibuka', '2', '0', '0');
  // It was finished with three required answers blank.
  await expectRow(page, 'Kota Pangkalpinang', KESEHATAN.name, 'Kunjungan selesai', '0', '0', '3');
  await expectRow(page, 'Kota Pangkalpinang', 'Pemerintah', /Dibuka\s2\s*·\s*Selesai\s1/, /2 dari 30/, '0', '3');
  await expectRow(page, 'Kota Bontang', 'Pemerintah', /Dibuka\s0\s*·\s*Selesai\s0/, /0 dari 30/, '0', '0');
  await expect(page.getByText('Tidak ada. Semua jawaban sepakat.')).toBeVisible();
});

test('an open clash is listed with question, both values, who and when, and goes when it is settled', async ({ page, browser, server }) => {
  const phones = await twoPhones(browser, server, PHONE);
  await differ(phones, server);
  await coordinator(page, server);
  await expectRow(page, 'Kota Pangkalpinang', DUKCAPIL.name, 'Kunjungan dibuka', '0', '1', '0');
  await expectRow(page, 'Kota Pangkalpinang', 'Pemerintah', /Dibuka\s1\s*·\s*Selesai\s0/, /0 dari 30/, '1', '0');
  const open = page.locator('section', { has: page.getByRole('heading', { name: 'Jawaban berbeda yang belum dipilih' }) });
  await expect(open.getByText('Jam datang')).toBeVisible();
  await expect(open.getByText(DUKCAPIL.name)).toBeVisible();
  const year = new Date().getFullYear();
  await expect(open.getByRole('listitem').filter({ hasText: 'Sebelum 10.00' })).toHaveText(new RegExp(`Rina, .*${year}`));
  await expect(open.getByRole('listitem').filter({ hasText: 'Sesudah 14.00' })).toHaveText(new RegExp(`Budi, .*${year}`));
  await expect(open.getByRole('listitem')).toHaveCount(2);

  const [rina] = phones;
  await openVisit(rina, DUKCAPIL);
  await openSection(rina, 'Unit & tempat');
  await rina.getByRole('button', { name: 'Pakai jawaban ini: Sebelum 10.00' }).click();
  await expect(rina.getByText('Dua jawaban berbeda')).toBeHidden();
  await rina.getByRole('link', { name: 'Loket', exact: true }).click();
  await send(rina);
  await expectRow(page, 'Kota Pangkalpinang', DUKCAPIL.name, 'Kunjungan dibuka', '0', '0', '0');
  await expect(page.getByText('Tidak ada. Semua jawaban sepakat.')).toBeVisible();
});

test('a code made at the desk is shown with a QR, and a phone enrols with it', async ({ page, browser, server }) => {
  await coordinator(page, server);
  await page.getByRole('link', { name: 'Perangkat' }).click();
  await page.getByRole('radio', { name: 'Asesor' }).check();
  await page.getByLabel('Nama', { exact: true }).fill('Dewi');
  await page.getByRole('button', { name: 'Buat kode' }).click();
  const made = page.getByRole('region', { name: 'Kode' });
  await expect(made.getByRole('img', { name: 'Kode' })).toBeVisible();
  await expect(made.getByText(/^Berlaku sampai .*\d{4}/)).toBeVisible();
  const code = await made.getByText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/).innerText();

  // What the QR holds: the address with the code in it.
  const phone = await device(browser, PHONE);
  await phone.goto(`${server.url}/enrol?code=${code}`);
  await expect(phone.getByLabel('Kode', { exact: true })).toHaveValue(code);
  await phone.getByLabel('Nama Anda').fill('Dewi');
  await phone.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();

  await page.reload();
  const known = page.getByRole('region', { name: 'Perangkat yang terhubung' });
  await expect(known.getByRole('row').filter({ hasText: 'Dewi' })).toContainText('Asesor');

  const second = await device(browser, PHONE);
  await second.goto(`${server.url}/enrol?code=${code}`);
  await second.getByLabel('Nama Anda').fill('Orang lain');
  await second.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(second.getByRole('alert')).toContainText('Kode ini tidak berlaku atau sudah dipakai.');
});

test('a kiosk code made at the desk makes a kiosk', async ({ page, browser, server }) => {
  await coordinator(page, server);
  await page.getByRole('link', { name: 'Perangkat' }).click();
  await page.getByRole('radio', { name: 'Kios warga' }).check();
  await page.getByLabel('Nama', { exact: true }).fill('Kios lobi');
  await page.getByRole('button', { name: 'Buat kode' }).click();
  const code = await page.getByText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/).innerText();
  const kiosk = await device(browser, KIOSK);
  await enrol(kiosk, server.url, code, 'Kios lobi');
  await expect(kiosk.getByRole('heading', { level: 1, name: 'Kios ini berada di unit mana?' })).toBeVisible();
});

test('a surveyor who opens coverage is told that it is for coordinators', async ({ browser, server }) => {
  const phone = await device(browser, PHONE);
  await enrol(phone, server.url, await server.code({ person: 'Rina' }), 'Rina');
  await phone.goto(`${server.url}/coverage`);
  await expect(phone.getByText('Halaman ini untuk koordinator.')).toBeVisible();
  await expect(phone.getByRole('table')).toHaveCount(0);
});

test('a coordinator without a network is told that coverage needs one', async ({ page, server }) => {
  await coordinator(page, server);
  await server.stop();
  await page.getByRole('button', { name: 'Perbarui' }).click();
  await expect(page.getByText('Halaman ini butuh jaringan. Coba lagi bila sudah tersambung.')).toBeVisible();
  await server.start();
  await expect(async () => {
    await page.getByRole('button', { name: 'Perbarui' }).click();
    await expect(row(page, 'Kota Bontang', 'Pemerintah')).toBeVisible({ timeout: 1_000 });
  }).toPass();
});
