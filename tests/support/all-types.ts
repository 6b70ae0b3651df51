// A form with every question type and appearance that is offered, as a person writes one: a Markdown table, with a
// list and a picture beside it.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { picture } from './surveyor';

type Row = { type: string; name: string; id: string; en: string } & Partial<Record<(typeof COLUMNS)[number], string>>;

const COLUMNS = ['appearance', 'parameters', 'trigger', 'calculation', 'constraint', 'guidance_hint', 'image'] as const;

const ask = (type: string, name: string, id: string, en: string, more: Partial<Row> = {}): Row => ({
  type, name, id, en, ...more,
});
const open = (name: string, id: string, en: string, appearance = '') => ask('begin_group', name, id, en, { appearance });
const CLOSE = ask('end_group', '', '', '');

/** The sections, by their labels in both languages. */
export const SECTIONS = {
  words: ['Teks dan angka', 'Words and numbers'],
  times: ['Waktu dan tempat', 'Times and places'],
  choices: ['Pilihan', 'Choices'],
  files: ['Berkas', 'Files'],
} as const;

const ROWS: Row[] = [
  ask('start-geopoint', 'mulai', '', ''),
  ask('deviceid', 'perangkat', '', ''),
  ask('username', 'siapa', '', ''),
  ask('email', 'surel', '', ''),
  ask('phonenumber', 'telepon', '', ''),
  ask('start', 'dibuka', '', ''),
  ask('today', 'hari', '', ''),
  ask('end', 'akhir', '', ''),
  ask('audit', '', '', ''),
  ask('hidden', 'tersembunyi', '', ''),
  open('words', ...SECTIONS.words),
  ask('text', 'teks', 'Teks biasa', 'Plain text', { guidance_hint: 'Tulis apa saja.', image: 'gambar.png' }),
  ask('text', 'panjang', 'Teks panjang', 'Long text', { appearance: 'multiline', parameters: 'rows=4' }),
  ask('text', 'angka_teks', 'Teks angka', 'Text of numbers', { appearance: 'numbers thousands-sep' }),
  ask('text', 'rahasia', 'Teks rahasia', 'Masked text', { appearance: 'masked' }),
  ask('integer', 'bulat', 'Bilangan bulat', 'Whole number', { constraint: '. < 5000000' }),
  ask('integer', 'hitung', 'Penghitung', 'Counter', { appearance: 'counter' }),
  ask('integer', 'ribuan', 'Ribuan', 'Thousands', { appearance: 'thousands-sep' }),
  ask('integer', 'pin', 'Nomor rahasia', 'Masked number', { appearance: 'masked' }),
  ask('decimal', 'desimal', 'Desimal', 'Decimal', { appearance: 'thousands-sep' }),
  ask('barcode', 'kode', 'Kode batang', 'Barcode'),
  ask('range', 'geser', 'Geser', 'Slider', { parameters: 'start=0 end=1 step=0.1' }),
  ask('range', 'tegak', 'Geser tegak', 'Upright slider', { appearance: 'vertical no-ticks', parameters: 'end=5' }),
  ask('range', 'pilih_angka', 'Pilih angka', 'Picker', { appearance: 'picker', parameters: 'start=10 end=50 step=10' }),
  ask('range', 'bintang', 'Bintang', 'Stars', { appearance: 'rating', parameters: 'end=5' }),
  ask('acknowledge', 'setuju', 'Sudah dibaca', 'Read'),
  ask('calculate', 'dua_kali', '', '', { calculation: '${bulat} * 2' }),
  ask('text', 'terpicu', 'Terpicu', 'Triggered', { trigger: '${bulat}', calculation: "concat('dari ', ${bulat})" }),
  ask('note', 'catatan', 'Dua kali: ${dua_kali}, oleh ${siapa}', 'Twice: ${dua_kali}, by ${siapa}'),
  CLOSE,
  open('times', ...SECTIONS.times),
  ask('date', 'tanggal', 'Tanggal', 'Date'),
  ask('date', 'tanpa_kalender', 'Tanpa kalender', 'No calendar', { appearance: 'no-calendar' }),
  ask('date', 'bulan_tahun', 'Bulan dan tahun', 'Month and year', { appearance: 'month-year' }),
  ask('date', 'tahun', 'Tahun saja', 'Year alone', { appearance: 'year' }),
  ask('time', 'jam', 'Jam', 'Time'),
  ask('dateTime', 'saat', 'Tanggal dan jam', 'Date and time'),
  ask('dateTime', 'saat_bagian', 'Saat tanpa kalender', 'Moment without calendar', { appearance: 'no-calendar' }),
  ask('geopoint', 'titik', 'Titik', 'Point', { appearance: 'maps' }),
  ask('geopoint', 'titik_peta', 'Titik diketik', 'Typed point', { appearance: 'placement-map' }),
  ask('geotrace', 'garis', 'Garis', 'Line'),
  ask('geoshape', 'bidang', 'Bidang', 'Area'),
  ask('background-geopoint', 'di_mana', '', '', { trigger: '${jam}' }),
  ask('note', 'catatan_tempat', 'Mulai di ${mulai}, jam di ${di_mana}', 'Began at ${mulai}, time at ${di_mana}'),
  CLOSE,
  open('choices', ...SECTIONS.choices),
  ask('select_one abc or_other', 'satu', 'Satu', 'One'),
  ask('select_one abc', 'satu_ringkas', 'Satu ringkas', 'One minimal', { appearance: 'minimal' }),
  ask('select_one abc', 'satu_cepat', 'Satu cepat', 'One quick', { appearance: 'quick' }),
  ask('select_one kota', 'satu_cari', 'Satu dicari', 'One searched', { appearance: 'search' }),
  ask('select_one abc', 'satu_likert', 'Satu likert', 'One likert', { appearance: 'likert' }),
  ask('select_one abc', 'satu_kolom', 'Satu berkolom', 'One in columns', { appearance: 'columns-2' }),
  ask('select_one_from_file pasar.csv', 'satu_berkas', 'Satu dari berkas', 'One from a file', { appearance: 'columns' }),
  ask('select_multiple abc', 'banyak', 'Banyak', 'Several', { appearance: 'columns-pack no-buttons' }),
  ask('select_multiple abc', 'banyak_ringkas', 'Banyak ringkas', 'Several minimal', { appearance: 'minimal' }),
  ask('select_multiple kota', 'banyak_cari', 'Banyak dicari', 'Several searched', { appearance: 'autocomplete' }),
  ask('select_multiple_from_file pasar.csv', 'banyak_berkas', 'Banyak dari berkas', 'Several from a file', { appearance: 'columns-3' }),
  ask('rank abc', 'urutan', 'Urutan', 'Order', { parameters: 'randomize=true seed=7' }),
  open('tabel', 'Tabel', 'Table', 'table-list'),
  ask('select_one abc', 'baris_satu', 'Baris satu', 'Row one'),
  ask('select_multiple abc', 'baris_dua', 'Baris dua', 'Row two'),
  CLOSE,
  open('daftar', 'Daftar', 'List', 'field-list'),
  ask('select_one abc', 'kepala', 'Kepala', 'Head', { appearance: 'label' }),
  ask('select_one abc', 'isi', 'Isi', 'Body', { appearance: 'list-nolabel' }),
  ask('select_one abc', 'sebaris', 'Sebaris', 'In a line', { appearance: 'list' }),
  CLOSE,
  CLOSE,
  open('files', ...SECTIONS.files),
  ask('image', 'foto', 'Foto', 'Photo'),
  ask('image', 'foto_baru', 'Foto baru', 'New photo', { appearance: 'new', parameters: 'max-pixels=320' }),
  ask('image', 'tanda_tangan', 'Tanda tangan', 'Signature', { appearance: 'signature' }),
  ask('image', 'coretan', 'Coretan', 'Drawing', { appearance: 'draw' }),
  ask('audio', 'suara', 'Suara', 'Sound'),
  ask('audio', 'suara_baru', 'Suara baru', 'New sound', { appearance: 'new' }),
  ask('background-audio', 'suara_latar', 'Suara latar', 'Sound in the background'),
  ask('video', 'film', 'Film', 'Film', { appearance: 'new' }),
  ask('file', 'berkas', 'Dokumen', 'Document'),
  CLOSE,
];

/** A sound of no length. */
export const SOUND = Buffer.from('RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\b\0data\0\0\0\0', 'latin1');

/** Writes the form and its files into a folder of its own, and gives the form's path. */
export async function allTypes(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loket-form-'));
  const line = (first: string, cells: string[]) => `| ${[first, ...cells].join(' | ')} |`;
  const cell = (row: Row, column: (typeof COLUMNS)[number]) => row[column] ?? '';
  const cities = Array.from({ length: 90 }, (_, at) => ['kota', `k${at}`, `Kota ${at}`, `City ${at}`, '', '', '']);
  const table = [
    line('survey', []),
    line('', ['type', 'name', 'label::Bahasa Indonesia (id)', 'label::English (en)', ...COLUMNS]),
    ...ROWS.map((row) => line('', [row.type, row.name, row.id, row.en, ...COLUMNS.map((column) => cell(row, column))])),
    line('choices', []),
    line('', ['list_name', 'name', 'label::Bahasa Indonesia (id)', 'label::English (en)', 'image', 'big_image', 'audio']),
    ...[['a', 'Apel', 'Apple'], ['b', 'Belimbing', 'Star fruit'], ['c', 'Ceri', 'Cherry']].map((words) =>
      line('', ['abc', ...words, ...(words[0] === 'a' ? ['gambar.png', 'gambar.png', 'bunyi.wav'] : ['', '', ''])]),
    ),
    ...cities.map((cells) => line('', cells)),
    line('settings', []),
    line('', ['form_title', 'form_id', 'version', 'default_language', 'instance_name']),
    line('', ['Kunjungan penilaian unit pelayanan', 'kunjungan', 'semua', 'Bahasa Indonesia (id)', "concat('Tentang ', ${teks})"]),
  ];
  const form = join(folder, 'semua.md');
  await writeFile(form, `${table.join('\n')}\n`);
  await writeFile(join(folder, 'pasar.csv'), 'name,label::Bahasa Indonesia (id),label::English (en)\np1,Pasar Baru,New market\np2,Pasar Lama,Old market\n');
  await writeFile(join(folder, 'gambar.png'), picture(3, 24, 24));
  await writeFile(join(folder, 'bunyi.wav'), SOUND);
  return form;
}
