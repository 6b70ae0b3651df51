// The browser's storage fails in the ways it does: each is said in plain words, and what was saved stays.
import { BONTANG, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('a device without room says so, and keeps what it had saved', async ({ page, server }) => {
  test.setTimeout(120_000);
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.openVisit(BONTANG);
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Sosial');
  await rina.saved();
  const line = await page.context().newCDPSession(page);
  await line.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1 });
  // The browser looks at the room that is left only now and then.
  let day = 1;
  await expect(async () => {
    day = (day % 28) + 1;
    await rina.write('Tanggal kunjungan', `2026-03-${String(day).padStart(2, '0')}`);
    await expect(page.locator('.save-state')).toHaveText('Belum tersimpan', { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText('Perangkat ini tidak dapat menyimpan.')).toBeVisible();
  const beside = await page.context().newPage();
  const second = new Surveyor(beside, server);
  await second.openApp();
  await second.openUnit(BONTANG);
  await beside.getByRole('button', { name: 'Wawancara baru' }).click();
  await expect(beside.getByRole('alert').filter({ hasText: 'Ruang simpan perangkat ini penuh' })).toBeVisible();
  await beside.close();

  await line.send('Storage.overrideQuotaForOrigin', { origin: server.url });
  await rina.saved();
  await page.reload();
  await rina.chosen('Jenis unit', 'Dinas Sosial');
  await rina.reads('Tanggal kunjungan', `2026-03-${String(day).padStart(2, '0')}`);
});

test('storage that the browser cleared is noticed and said, with what to do', async ({ page, server }) => {
  await Surveyor.enrol(page, server, 'Rina');
  await page.goto('about:blank');
  const line = await page.context().newCDPSession(page);
  await line.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'indexeddb' });
  await page.goto(server.url);
  await expect(page.getByText('Data Loket di peramban ini sudah tidak ada')).toBeVisible();
  await expect(page.getByText('Minta kode baru')).toBeVisible();
});
