// Citizens interviewed one after another at one unit.
import { BONTANG, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('nothing is asked before consent, and a child needs a guardian', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.newInterview(BONTANG);
  const sections = page.getByRole('main').getByRole('listitem');
  await expect(sections).toHaveCount(1);
  await rina.openSection('Izin Anda');
  await rina.choose('Berapa umur Anda?', 'Di bawah 18 tahun');
  await expect(rina.question('Apakah Anda setuju menjawab pertanyaan kami?')).toBeHidden();
  const guardian = 'Untuk orang tua atau wali: apakah Anda mengizinkan anak ini menjawab?';
  await rina.choose(guardian, 'Orang tua atau wali tidak ada di sini');
  await expect(page.getByText('Baik, kami mengerti. Tidak ada pertanyaan lagi.')).toBeVisible();
  await rina.choose(guardian, 'Ya, saya mengizinkan');
  await rina.choose('Apakah Anda setuju menjawab pertanyaan kami?', 'Ya, saya setuju');
  await rina.toOverview();
  await expect(sections).toHaveCount(5);
});

test('two interviews one after another are listed with number and state, and a finished one stays as it is', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  const list = page.getByRole('main').getByRole('listitem');

  await test.step('the first, finished with all that is required', async () => {
    await rina.newInterview(BONTANG);
    await rina.agrees();
    await rina.openSection('Layanan Anda');
    await rina.choose('Anda dilayani di kantor apa?', 'Bantuan sosial');
    await rina.choose('Apa yang Anda urus?', 'Bantuan untuk keluarga');
    await rina.toOverview();
    await rina.openSection('Yang Anda alami');
    await rina.choose('Apakah ada petugas yang meminta uang, barang atau bantuan di luar biaya resmi?', 'Ya, diminta, tidak saya beri');
    await rina.choose('Apa yang diminta?', 'Uang');
    await rina.choose('Apa yang diminta?', 'Barang, makanan, rokok');
    await rina.toOverview();
    await rina.openSection('Terakhir');
    await rina.write('Adakah yang ingin Anda sampaikan?', 'Antreannya panjang sekali.');
    await rina.toOverview();
    await page.getByRole('button', { name: 'Selesaikan wawancara' }).click();
    await expect(page.getByRole('heading', { level: 1, name: BONTANG.unit })).toBeVisible();
    await expect(list).toHaveCount(1);
    await expect(list.first()).toContainText('Wawancara 1');
    await expect(list.first()).toContainText('Selesai');
  });

  await test.step('the second, left with something required blank', async () => {
    await rina.newInterview(BONTANG);
    await rina.agrees();
    await page.getByRole('button', { name: 'Selesaikan wawancara' }).click();
    const left = page.getByRole('alert').filter({ hasText: 'Masih ada yang perlu diisi:' });
    await expect(left.getByRole('link')).toHaveText(['Anda dilayani di kantor apa?']);
    await rina.openUnit(BONTANG);
    await expect(list).toHaveCount(2);
    await expect(list.nth(0)).toContainText('Wawancara 2');
    await expect(list.nth(0)).toContainText('Belum selesai');
    await expect(list.nth(0)).toContainText('Di perangkat ini');
    await expect(list.nth(1)).toContainText('Wawancara 1');
    await expect(list.nth(1)).toContainText('Di server');
  });

  await test.step('what is left is filled in by its link, and the interview finished', async () => {
    await page.getByRole('link', { name: /^Wawancara 2/ }).click();
    await page.getByRole('button', { name: 'Selesaikan wawancara' }).click();
    await page.getByRole('link', { name: 'Anda dilayani di kantor apa?' }).click();
    await rina.choose('Anda dilayani di kantor apa?', 'Kesehatan / puskesmas');
    await rina.toOverview();
    await page.getByRole('button', { name: 'Selesaikan wawancara' }).click();
    await expect(list.nth(0)).toContainText('Selesai');
    await expect(list.nth(0)).toContainText('Di server');
  });

  await test.step('the first still reads as it was finished, and nothing of it can be changed', async () => {
    await page.getByRole('link', { name: /^Wawancara 1/ }).click();
    await expect(page.getByText('Wawancara ini sudah selesai dan tidak dapat diubah.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Selesaikan wawancara' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Buka kembali' })).toBeHidden();
    await rina.openSection('Layanan Anda');
    await rina.chosen('Anda dilayani di kantor apa?', 'Bantuan sosial');
    for (const choice of await page.getByRole('radio').all()) await expect(choice).toBeDisabled();
    await rina.toOverview();
    await rina.openSection('Terakhir');
    await rina.reads('Adakah yang ingin Anda sampaikan?', 'Antreannya panjang sekali.');
    await expect(rina.field('Adakah yang ingin Anda sampaikan?')).not.toBeEditable();
  });
});
