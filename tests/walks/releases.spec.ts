// A round is closed into a release; its page tells what is in it and hands its files out.
import { readFile } from 'node:fs/promises';
import { checkInBoth } from '../support/axe';
import { DESKTOP } from '../support/browser';
import { device, enrol, say } from '../support/people';
import { BONTANG, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('a coordinator opens a release, and saves a workbook, a rapor and all tables from its page', async ({ page, browser, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.interview(BONTANG);
  await rina.sendNow();
  await server.loket('release', 'make', '--accept-open', '--date', '2026-11-25');

  const sari = await device(browser, { ...DESKTOP, viewport: { width: 1280, height: 800 } });
  await enrol(sari, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
  await sari.getByRole('link', { name: 'Hasil' }).click();
  await sari.getByRole('link', { name: 'Rilis', exact: true }).click();
  await sari.getByRole('row').filter({ hasText: '2026-11-25' }).getByRole('link').first().click();
  await expect(sari.getByRole('heading', { name: 'Berkas untuk dipakai' })).toBeVisible();
  await checkInBoth(sari, 'a release', sari.getByRole('row').filter({ hasText: 'Kota Bontang' }).first());

  const saved = async (name: string) => {
    const [file] = await Promise.all([sari.waitForEvent('download'), sari.getByRole('link', { name }).first().click()]);
    await expect(sari.getByText(say('id', 'results.saved'))).toBeVisible();
    return { name: file.suggestedFilename(), begins: (await readFile(await file.path())).subarray(0, 4).toString('latin1') };
  };
  expect(await saved('Buku kerja Excel, bahasa Indonesia')).toEqual({ name: 'loket-1-id.xlsx', begins: 'PK\u0003\u0004' });
  expect(await saved('Semua tabel')).toEqual({ name: 'tables.zip', begins: 'PK\u0003\u0004' });
  const bontang = sari.getByRole('row').filter({ hasText: 'Kota Bontang' });
  const [rapor] = await Promise.all([sari.waitForEvent('download'), bontang.getByRole('link', { name: 'PDF', exact: true }).click()]);
  expect(rapor.suggestedFilename()).toMatch(/^rapor-kota-bontang-.*\.pdf$/);
});
