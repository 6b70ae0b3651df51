// What a team does with a visit besides answering: rows brought into order, notes to each other.
import { BONTANG, phone, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

const FIRST = 'Akta kelahiran';
const SECOND = 'Kartu keluarga';
const NOTE = 'Loket tiga baru dibuka besok pagi.';

/** The products in the order in which they stand. */
async function stand(surveyor: Surveyor, products: string[]): Promise<void> {
  await expect(surveyor.group('Produk').locator('summary')).toContainText(products);
}

test('rows moved on one phone, by keyboard, stand so after a reload and on another phone', async ({ browser, server }) => {
  test.slow();
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  for (const product of [FIRST, SECOND]) await rina.write('Nama produk', product, await rina.addRow('Produk'));
  await stand(rina, [FIRST, SECOND]);

  const up = rina.page.getByRole('button', { name: 'Naikkan Produk 2' });
  await up.press('Enter');
  await stand(rina, [SECOND, FIRST]);
  // It can go no higher; the focus is on the way back, and the row is still open.
  await expect(rina.page.getByRole('button', { name: 'Naikkan Produk 1' })).toBeDisabled();
  await expect(rina.page.getByRole('button', { name: 'Turunkan Produk 1' })).toBeFocused();
  await rina.reads('Nama produk', SECOND, await rina.openRow(SECOND));
  await rina.saved();
  await rina.page.reload();
  await stand(rina, [SECOND, FIRST]);

  await rina.toOverview();
  await rina.sendNow();
  const budi = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Budi');
  await budi.sendNow();
  await budi.openVisit(BONTANG);
  await budi.openSection('Standar pelayanan');
  await stand(budi, [SECOND, FIRST]);
});

test('a note is on both phones, under the name of who wrote it, and nothing blank is kept', async ({ browser, server }) => {
  test.slow();
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  const budi = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Budi');
  const notes = (surveyor: Surveyor) => surveyor.page.locator('section', { hasText: 'Catatan tim' }).getByRole('listitem');
  await rina.openVisit(BONTANG);
  const field = rina.page.getByLabel('Catatan untuk rekan yang mengerjakan berkas ini');
  await rina.page.getByRole('button', { name: 'Simpan catatan' }).click();
  await expect(field).toBeFocused();
  await expect(notes(rina)).toHaveCount(0);
  await field.fill(NOTE);
  await rina.page.getByRole('button', { name: 'Simpan catatan' }).click();
  await expect(notes(rina)).toContainText([NOTE]);
  await expect(notes(rina)).toContainText('Anda');
  await expect(field).toHaveValue('');
  await rina.saved();
  await rina.page.reload();
  await expect(notes(rina)).toContainText([NOTE]);

  await rina.sendNow();
  await budi.sendNow();
  await budi.openVisit(BONTANG);
  await expect(notes(budi)).toContainText([NOTE]);
  await expect(notes(budi)).toContainText('Rina');
});
