// A visit from the code to its end without a finger or a mouse: Tab, Shift+Tab, arrows, Space, Enter and typing. What
// has the focus is in sight and marked at every step, and the focus goes where the work goes on.
import { type Page } from '@playwright/test';
import { KIOSK } from '../support/browser';
import { Keyboard } from '../support/keyboard';
import { Citizen, DUKCAPIL, enrol } from '../support/people';
import { BONTANG, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use({ ...SURVEYOR, hasTouch: false, isMobile: false });

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

test('a visit is filled and closed by keyboard alone', async ({ page, server }) => {
  test.setTimeout(180_000);
  const keys = new Keyboard(page);
  await page.goto(server.url);
  await keys.to(page.getByLabel('Kode', { exact: true }));
  await keys.type(await server.code({ role: 'surveyor' }));
  await keys.to(page.getByLabel('Nama Anda'));
  await keys.type('Rina');
  await keys.press('Enter');
  await expect(heading(page, 'Unit yang dinilai')).toBeFocused();

  await keys.press_on(page.getByRole('link', { name: BONTANG.unit }));
  await expect(heading(page, BONTANG.unit)).toBeFocused();
  await keys.press_on(page.getByRole('button', { name: 'Mulai kunjungan' }));
  await expect(heading(page, 'Kunjungan penilaian unit pelayanan')).toBeFocused();

  await test.step('closing is refused, and the focus is on the first thing that is left', async () => {
    await keys.press_on(page.getByRole('button', { name: 'Selesaikan kunjungan' }));
    const left = page.locator('.left-list a');
    await expect(left.first()).toBeFocused();
    await keys.isSeen();
    await keys.press('Enter');
    await expect(heading(page, 'Unit & tempat')).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Jenis unit' })).toBeFocused();
    await keys.isSeen();
    // Backwards, too, the page's own order holds.
    await keys.to(page.locator('a.chip'), 'Shift+Tab');
  });

  await test.step('every page is filled in the order in which it is read', async () => {
    const sections = ['Unit & tempat', 'Standar pelayanan', 'Sarana', 'Pengelolaan', 'Wawancara petugas', 'Pengaduan', 'Foto bukti', 'Penutup'];
    for (const [at, section] of sections.entries()) {
      await expect(heading(page, section)).toBeVisible();
      if (at > 0) await expect(heading(page, section)).toBeFocused();
      const came = await keys.fillPage({ 'Dapatkah unit dinilai hari ini?': 'Ya' });
      const read = await page.locator('.question').evaluateAll((all) => all.map(({ id }) => id));
      expect(came, section).toEqual(read);
      await keys.press_on(page.locator('nav.foot a').last());
    }
    await expect(heading(page, 'Kunjungan penilaian unit pelayanan')).toBeFocused();
  });

  await keys.press_on(page.getByRole('button', { name: 'Selesaikan kunjungan' }));
  await expect(heading(page, BONTANG.unit)).toBeFocused();
  await expect(page.getByRole('button', { name: 'Lihat kunjungan' })).toBeVisible();
});

test('where something is asked once more, the focus goes there and comes back', async ({ page, server }) => {
  const keys = new Keyboard(page);
  await enrol(page, server.url, await server.code({ role: 'surveyor' }), 'Rina');
  await keys.press_on(page.getByRole('link', { name: BONTANG.unit }));
  await keys.press_on(page.getByRole('button', { name: 'Mulai kunjungan' }));
  await keys.press_on(page.getByRole('link', { name: /^Standar pelayanan/ }));
  await keys.press_on(page.getByRole('button', { name: 'Tambah: Produk' }));
  await expect(page.locator('summary')).toBeFocused();
  const remove = page.getByRole('button', { name: 'Hapus Produk 1' });
  await keys.press_on(remove);
  await expect(page.getByRole('button', { name: 'Ya, hapus' })).toBeFocused();
  await keys.press('Tab', 'Enter');
  await expect(remove).toBeFocused();
  await keys.press('Enter', 'Enter');
  await expect(page.locator('summary')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Tambah: Produk' })).toBeFocused();
});

test.describe('at a kiosk', () => {
  test.use(KIOSK);

  test('the warning keeps the focus inside, Escape is an answer, and the focus comes back', async ({ page, server }) => {
    await page.clock.install();
    await enrol(page, server.url, await server.code({ role: 'kiosk', unit: DUKCAPIL.id, person: 'Kios' }), 'Kios');
    const keys = new Keyboard(page);
    const citizen = await Citizen.begin(page);
    await citizen.goOnTo('Berapa umur Anda?');
    const age = page.getByRole('radio', { name: '18 tahun atau lebih' });
    await keys.to(page.getByRole('radio').first());
    await keys.press('Space');
    await expect(page.getByRole('radio').first()).toBeFocused();
    await page.clock.fastForward(41_000);
    const warning = page.getByRole('dialog', { name: 'Masih di sini?' });
    await expect(warning).toBeVisible();
    for (let presses = 0; presses < 4; presses += 1) {
      const outside = await page.evaluate(() => !document.activeElement?.closest('dialog') && document.activeElement !== document.body);
      expect(outside, 'Tab stays in the dialog').toBe(false);
      await keys.press('Tab');
    }
    await keys.press('Escape');
    await expect(warning).toBeHidden();
    await expect(page.getByRole('radio').first()).toBeFocused();
    // Escape said that somebody is here: the answers are not taken away behind their back.
    await page.clock.fastForward(30_000);
    await expect(age.or(page.getByRole('radio').first()).first()).toBeChecked();
  });
});
