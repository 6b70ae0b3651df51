// Every question type and appearance that is offered: filled, saved, seen again after a reload, in both languages,
// with nothing that axe-core finds, and by the keyboard where a finger would draw or drag.
import { type Locator, type Page } from '@playwright/test';
import { allTypes, SECTIONS, SOUND } from '../support/all-types';
import { check } from '../support/axe';
import { BONTANG, picture, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

/** What every question of the page shows as its answer, by the ids of its fields. */
function answers(page: Page): Promise<Record<string, string[]>> {
  return page.locator('.question').evaluateAll((questions) =>
    Object.fromEntries(
      questions.map((question) => {
        const fields = [...question.querySelectorAll<HTMLInputElement>('input, select, textarea')];
        const said = fields
          .filter((field) => field.type !== 'file' && field.type !== 'search')
          .map((field) => (/radio|checkbox/.test(field.type) ? field.checked && `${field.id} on` : field.value && `${field.id}=${field.value}`))
          .filter((text): text is string => Boolean(text));
        const kept = [...question.querySelectorAll('.photo > img, .photo > audio, .photo > video, .photo > a')].map(({ tagName }) => tagName);
        const listed = [...question.querySelectorAll('.numbers')].map((part) => (part as HTMLElement).innerText.replace(/\D+/g, ' '));
        // A rank is its order; the names of its choices change with the language, the ids of their buttons do not.
        const order = [...question.querySelectorAll('.rank li button')].map(({ id }) => id);
        return [question.id, [...said, ...kept, ...order, ...listed.filter((text) => text.trim() !== '')]];
      }),
    ),
  );
}

test('every type and appearance is filled, kept, and seen again in both languages', async ({ page, server }) => {
  test.setTimeout(150_000);
  await server.loket('instrument', 'publish', await allTypes());
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.openVisit(BONTANG);
  const q = (label: string) => rina.question(label);
  const press = (label: string, name: string | RegExp) => q(label).getByRole('button', { name }).click();
  const kept: Record<string, Record<string, string[]>> = {};

  await test.step('words and numbers', async () => {
    await rina.openSection(SECTIONS.words[0]);
    await expect(q('Teks biasa').getByRole('img', { name: 'Gambar untuk Teks biasa' })).toBeVisible();
    await rina.write('Bilangan bulat', 'banyak');
    await expect(q('Bilangan bulat').getByRole('status')).toHaveText('Tulis bilangan bulat.');
    await rina.write('Bilangan bulat', '9000000');
    await expect(q('Bilangan bulat').getByRole('status')).toHaveText('Jawaban ini perlu diperiksa.');
    await expect(q('Bilangan bulat').getByRole('textbox')).toHaveAttribute('aria-invalid', 'true');
    await check(page, 'words with errors');
    await rina.write('Teks biasa', 'Loket 3');
    await rina.write('Teks panjang', 'satu\ndua');
    await rina.write('Teks angka', '0812');
    await rina.write('Teks rahasia', 'rahasia');
    await expect(rina.field('Teks rahasia')).toHaveAttribute('type', 'password');
    await rina.write('Bilangan bulat', '1200');
    await expect(rina.field('Terpicu')).toHaveValue('dari 1200');
    await expect(page.getByText('Dua kali: 2400, oleh Rina')).toBeVisible();
    await press('Penghitung', /^Tambah/);
    await press('Penghitung', /^Tambah/);
    await rina.write('Ribuan', '1234567');
    await expect(q('Ribuan')).toContainText('1.234.567');
    await rina.write('Nomor rahasia', '4711');
    await expect(rina.field('Nomor rahasia')).toHaveAttribute('type', 'password');
    await rina.write('Desimal', '1234567,5');
    await expect(q('Desimal')).toContainText('1.234.567,5');
    await rina.write('Kode batang', '899-1');
    await q('Geser').getByRole('slider').press('ArrowRight');
    await q('Geser').getByRole('slider').press('ArrowRight');
    await expect(q('Geser').getByRole('slider')).toHaveAttribute('aria-valuetext', '0.2');
    await press('Geser tegak', /^Tambah/);
    await q('Pilih angka').getByRole('combobox').selectOption('30');
    await q('Bintang').getByRole('radio', { name: '3' }).press('Space');
    await q('Bintang').getByRole('radio', { name: '3' }).press('ArrowRight');
    await expect(q('Bintang').getByRole('radio', { name: '4' })).toBeChecked();
    await rina.choose('Sudah dibaca', 'Ya');
    await check(page, 'words');
    kept.words = await answers(page);
    await rina.toOverview();
    await expect(page.getByText('Tentang Loket 3')).toBeVisible();
  });

  await test.step('times and places', async () => {
    await rina.openSection(SECTIONS.times[0]);
    await rina.write('Tanggal', '2026-03-02');
    for (const [label, parts] of [['Tanpa kalender', ['Tanggal', 'Bulan', 'Tahun']], ['Bulan dan tahun', ['Bulan', 'Tahun']], ['Tahun saja', ['Tahun']]] as const) {
      for (const part of parts) {
        const field = q(label).getByLabel(part, { exact: true });
        if (part === 'Bulan') await field.selectOption('4');
        else await field.fill(part === 'Tahun' ? '2025' : '9');
      }
    }
    await rina.write('Jam', '10:30');
    await rina.write('Tanggal dan jam', '2026-03-02T08:15');
    await q('Saat tanpa kalender').getByLabel('Tanggal', { exact: true }).fill('9');
    await q('Saat tanpa kalender').getByLabel('Bulan', { exact: true }).selectOption('4');
    await q('Saat tanpa kalender').getByLabel('Tahun', { exact: true }).fill('2025');
    await q('Saat tanpa kalender').getByLabel('Jam', { exact: true }).fill('07:45');
    await press('Titik', 'Catat lokasi');
    await expect(q('Titik')).toContainText('-2.129450, 106.113820');
    await expect(q('Titik').getByRole('link', { name: 'Buka di peta' })).toHaveAttribute('href', /^geo:-2\.129450,106\.113820/);
    await q('Titik diketik').getByLabel('Lintang').fill('-2,5');
    await q('Titik diketik').getByLabel('Bujur').fill('106,25');
    for (const [label, count] of [['Garis', 2], ['Bidang', 3]] as const) {
      for (let point = 1; point <= count; point += 1) {
        await press(label, 'Tambah titik di sini');
        await expect(q(label).getByText(`${point} titik`)).toBeVisible();
      }
    }
    await expect(page.getByText('Mulai di -2.129450 106.113820 0.0 12.0, jam di -2.129450 106.113820 0.0 12.0')).toBeVisible();
    await check(page, 'times');
    kept.times = await answers(page);
    await rina.toOverview();
  });

  await test.step('choices', async () => {
    await rina.openSection(SECTIONS.choices[0]);
    await rina.choose('Satu', 'Lainnya');
    await rina.write('Sebutkan yang lain.', 'Durian');
    await rina.choose('Satu ringkas', 'Ceri');
    await q('Satu cepat').getByRole('radio', { name: 'Apel' }).check();
    await expect(q('Satu dicari').getByRole('searchbox')).toBeFocused();
    await page.keyboard.type('kota 77');
    await expect(q('Satu dicari').getByRole('radio')).toHaveCount(1);
    await q('Satu dicari').getByRole('radio', { name: 'Kota 77' }).press('Space');
    for (const [label, choice] of [['Satu likert', 'Belimbing'], ['Satu berkolom', 'Apel'], ['Satu dari berkas', 'Pasar Lama'], ['Banyak dari berkas', 'Pasar Baru'], ['Banyak', 'Ceri'], ['Isi', 'Apel'], ['Sebaris', 'Ceri'], ['Baris satu', 'Belimbing'], ['Baris dua', 'Ceri']]) {
      await q(label!).getByRole(/^(Banyak|Baris dua)/.test(label!) ? 'checkbox' : 'radio', { name: choice!, exact: true }).check();
    }
    const apple = q('Satu berkolom');
    const columns = (label: string) => q(label).locator('.choices').evaluate((one) => getComputedStyle(one).gridTemplateColumns.split(' ').length);
    expect([await columns('Satu berkolom'), await columns('Banyak dari berkas')]).toEqual([2, 3]);
    await expect(apple.locator('audio')).toHaveAttribute('aria-label', 'Apel');
    await apple.locator('.shown summary').press('Enter');
    await expect(apple.getByRole('img', { name: 'Gambar untuk Apel' })).toBeVisible();
    await expect(apple.getByRole('radio', { name: 'Apel' })).toBeChecked();
    await q('Banyak ringkas').locator('.folded > summary').press('Enter');
    await q('Banyak ringkas').getByRole('checkbox', { name: 'Belimbing' }).press('Space');
    await expect(q('Banyak ringkas').locator('.folded > summary')).toHaveText('Belimbing');
    for (const city of ['Kota 5', 'Kota 66']) {
      await q('Banyak dicari').getByRole('searchbox').fill(city);
      await q('Banyak dicari').getByLabel(city, { exact: true }).check();
    }
    const order = q('Urutan').getByRole('listitem');
    const first = (await order.first().innerText()).split('\n')[0]!;
    await q('Urutan').getByRole('button', { name: `Turunkan ${first}` }).press('Enter');
    await expect(order.nth(1)).toContainText(first);
    await check(page, 'choices');
    kept.choices = await answers(page);
    await rina.toOverview();
  });

  await test.step('files', async () => {
    await rina.openSection(SECTIONS.files[0]);
    const give = async (label: string, name: string, mimeType: string, buffer: Buffer, shown: (question: Locator) => Locator) => {
      await q(label).locator('input[type=file]').first().setInputFiles({ name, mimeType, buffer });
      await expect(shown(q(label))).toBeVisible();
    };
    await give('Foto', 'foto.png', 'image/png', picture(1, 64, 48), (question) => question.getByRole('img'));
    await give('Foto baru', 'foto.png', 'image/png', picture(2, 640, 480), (question) => question.getByRole('img'));
    await expect(q('Foto').locator('input[type=file]')).toHaveCount(2);
    await expect(q('Foto baru').locator('input[type=file]')).toHaveCount(1);
    await q('Tanda tangan').getByLabel('Atau ketik nama').fill('Rina Wati');
    await press('Tanda tangan', 'Simpan tanda tangan');
    await expect(q('Tanda tangan').getByRole('img', { name: 'Foto: Tanda tangan' })).toBeVisible();
    await q('Coretan').locator('canvas').hover();
    await page.mouse.down();
    await page.mouse.move(200, 300, { steps: 5 });
    await page.mouse.up();
    await press('Coretan', /^Simpan/);
    await expect(q('Coretan').getByRole('img', { name: 'Foto: Coretan' })).toBeVisible();
    await give('Suara baru', 'a.wav', 'audio/wav', SOUND, (question) => question.locator('audio'));
    await give('Suara', 'a.wav', 'audio/wav', SOUND, (question) => question.locator('audio'));
    await give('Suara latar', 'b.wav', 'audio/wav', SOUND, (question) => question.locator('audio'));
    await give('Film', 'c.mp4', 'video/mp4', Buffer.from('\0\0\0\x18ftypmp42', 'latin1'), (question) => question.locator('video'));
    await give('Dokumen', 'd.pdf', 'application/pdf', Buffer.from('%PDF-1.4'), (question) => question.getByRole('link', { name: 'Simpan berkas PDF' }));
    await check(page, 'files');
    kept.files = await answers(page);
    await rina.toOverview();
  });

  await test.step('everything is there again after a reload, in both languages', async () => {
    for (const name of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]) {
      const blank = Object.entries(kept[name]!).filter(([id, said]) => said.length === 0 && !id.includes('kepala'));
      expect(blank.map(([id]) => id), `${name} has nothing unanswered`).toEqual([]);
    }
    for (const [at, language] of (['id', 'en'] as const).entries()) {
      await page.evaluate((code) => localStorage.setItem('loket.language', JSON.stringify(code)), language);
      await page.reload();
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      for (const [name, labels] of Object.entries(SECTIONS)) {
        await rina.openSection(labels[at]!);
        await expect(async () => expect(await answers(page)).toEqual(kept[name])).toPass({ timeout: 10_000 });
        if (language === 'en') await check(page, `${name} in English`);
        await page.goBack();
        await expect(page.getByRole('heading', { level: 1, name: 'Kunjungan penilaian unit pelayanan' })).toBeVisible();
      }
    }
  });
});
