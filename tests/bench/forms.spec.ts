// Loket's forms beside ODK Web Forms: the same workbooks, one run, one browser, taking turns.
//
// Both are served from this machine, compressed alike (Brotli), without a service worker and to a browser that has nothing in its cache, in
// a phone's window. A figure is the median of five fresh loads, at full speed and with the processor slowed six times
// (Emulation.setCPUThrottlingRate, which slows the page's own thread and not its workers). Each app is measured as a person meets it:
//
// - ODK Web Forms: a page with the component and nothing else; it fetches the form's XML and shows all of the form.
// - Loket: an enrolled phone on which the record was begun; the page of its first group that asks something is loaded by its
//   address. That fetches and starts the whole app, opens the device's store, reads record and instrument from it, and
//   shows the page; the app asks the server for news meanwhile, whose bytes are counted.
//
// Where our first page has nothing to type in, a key is timed on the first page that has; theirs is all one page.
//
// "First inputs": from the start of the navigation until the first visible inputs are painted. "Keystroke": from a key in
// the form's first text field until everything that hangs on it is right: until the last change that it made in the page,
// before five tasks in a row made none, with the layout that follows (no waiting for the next frame). "Heap": JavaScript
// objects after a collection, and the whole of WebAssembly's memory. "Transferred": all answers, heads included, until then.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from '@playwright/test';
import { FieldForms } from '../support/field-forms';
import { Server } from '../support/server';
import { carry, heap, median, slow, traffic } from '../support/stopwatch';
import { BONTANG, SURVEYOR, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

const FORMS = process.env.LOKET_FIELD_FORMS ?? '';
const PAGE = process.env.LOKET_FIELD_PAGE ?? '';
const LOADS = Number(process.env.LOKET_BENCH_LOADS ?? 5);
const SPEEDS = [1, 6];
const OURS = 'main :is(.question, fieldset) :is(input, textarea, select)';
const THEIRS = '#app :is(input, textarea, [role=combobox])';
const TEXT = ':is(input[type=text], input:not([type]), textarea):not([readonly]):not([disabled])';
const AT_LEAST = 3;

/** What one app came to, by speed. */
type Figures = Record<'first' | 'key' | 'heap' | 'bytes', number[]>;
const none = (): Figures => ({ first: [], key: [], heap: [], bytes: [] });

test.use({ ...SURVEYOR, serviceWorkers: 'block', trace: 'off', screenshot: 'off' });

for (const [name, goals] of [
  ['text250', { 1: 500, 6: 2500 }],
  ['all_types', {}],
  ['site', {}],
  ['visit', {}],
] as [string, Record<number, number>][]) {
  measured(`${name} beside ODK Web Forms`, name, async (browser, phone) => {
    const field = await FieldForms.serve(PAGE, FORMS);
    try {
      for (const speed of SPEEDS) {
        const [mine, others] = [none(), none()];
        for (let load = 0; load < LOADS; load += 1) {
          await fresh(browser, phone.state, phone.address, OURS, speed, mine, phone.typing);
          await fresh(browser, undefined, `${field.url}/?form=${name}`, THEIRS, speed, others);
        }
        report(name, speed, mine, others, goals[speed]);
      }
    } finally {
      await field.discard();
    }
  });
}

// As a person at the 500th visit finds it: the button that adds a row is pressed, and the row's ten questions are there.
measured('the 500th row of a repeat', 'repeat', async (browser, phone) => {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block', storageState: phone.state });
  const page = await context.newPage();
  await carry(page, OURS);
  await page.goto(phone.address);
  const add = page.getByRole('button', { name: '+ Tambah: Visit' });
  const press = () => add.evaluate((button) => window.watch.settle(() => (button as HTMLElement).click()));
  for (let row = 1; row < 500; row += 1) await press();
  await page.locator('.save-state[data-state=saved]').waitFor();
  const devtools = await context.newCDPSession(page);
  for (const [speed, most] of [[1, 50], [6, 300]] as const) {
    await slow(devtools, speed);
    const [rows, keys] = [[] as number[], [] as number[]];
    for (let row = 0; row < LOADS; row += 1) {
      rows.push(await press());
      const field = page.locator('details[open]').last().locator(TEXT).first();
      keys.push(await field.evaluate((one) => window.watch.type(one, '7')));
    }
    const at = speed === 1 ? 'repeat' : `repeat x${speed}`;
    goal(`${at} the 500th row`, median(rows), 'ms', `<= ${most}`);
    goal(`${at} a keystroke in it`, median(keys), 'ms', speed === 6 ? '<= 16' : undefined);
  }
  await page.getByText(`All: ${7 * 2 * LOADS}`).waitFor();
  await context.close();
});

// Each step is the first of its kind in a fresh load, so that it pays for whatever is worked out once.
measured('a cascade of 50,000 villages', 'cascade', async (browser, phone) => {
  for (const speed of SPEEDS) {
    const steps: Record<string, number[]> = { 'a province': [], 'a regency': [], 'a village': [], 'another province': [] };
    const opened = none();
    for (let load = 0; load < LOADS; load += 1) {
      const page = await opening(browser, phone, speed);
      opened.first.push(await first(page));
      await page.locator('nav.foot').waitFor();
      steps['a province']!.push(await choose(page, 'province', 'p31'));
      steps['a regency']!.push(await choose(page, 'regency', 'p31r7'));
      steps['a village']!.push(await choose(page, 'village', 'p31r7v12'));
      steps['another province']!.push(await choose(page, 'province', 'p8'));
      await page.context().close();
    }
    const at = speed === 1 ? 'cascade' : `cascade x${speed}`;
    print(`${at} first inputs`, median(opened.first).toFixed(0), 'ms');
    for (const [step, times] of Object.entries(steps)) {
      goal(`${at} ${step}`, median(times), 'ms', speed === 6 ? '<= 100' : undefined);
    }
  }
});

// Typed into the search of a list that nothing narrows: each key compares all of its labels.
measured('a search through 50,000 villages', 'search', async (browser, phone) => {
  for (const speed of SPEEDS) {
    const keys: Record<string, number[]> = { 'the first key': [], 'a further key': [], 'a choice': [] };
    for (let load = 0; load < LOADS; load += 1) {
      const page = await opening(browser, phone, speed);
      const field = page.getByRole('searchbox');
      await field.waitFor();
      await page.locator('.save-state[data-state=saved]').waitFor();
      keys['the first key']!.push(await field.evaluate((one) => window.watch.type(one as HTMLInputElement, '3')));
      keys['a further key']!.push(await field.evaluate((one) => window.watch.type(one as HTMLInputElement, '1')));
      const choice = page.locator('.question input[type=radio]').first();
      keys['a choice']!.push(await choice.evaluate((one) => window.watch.settle(() => (one as HTMLElement).click())));
      await page.context().close();
    }
    const at = speed === 1 ? 'search' : `search x${speed}`;
    for (const [step, times] of Object.entries(keys)) goal(`${at} ${step}`, median(times), 'ms', speed === 6 ? '<= 100' : undefined);
  }
});

/** A fresh load of a record's first page, which has just begun. */
async function opening(browser: Browser, phone: Phone, speed: number): Promise<Page> {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block', storageState: phone.state });
  const page = await context.newPage();
  await carry(page, OURS);
  await slow(await context.newCDPSession(page), speed);
  await page.goto(phone.address, { waitUntil: 'commit' });
  return page;
}

/** Chooses in a drop-down or among buttons, and times it. */
async function choose(page: Page, question: string, choice: string): Promise<number> {
  const [list, button] = [`select#q-page-${question}`, `#q-page-${question}-${choice}`];
  const control = page.locator(`${list}:has(option[value="${choice}"]), ${button}`);
  await control.waitFor();
  return control.evaluate((one, choice) => {
    const act = () => {
      if (!(one instanceof HTMLSelectElement)) return (one as HTMLElement).click();
      one.value = choice;
      one.dispatchEvent(new Event('change', { bubbles: true }));
    };
    return window.watch.settle(act);
  }, choice);
}

/** A measurement of one form on a phone on which its record was begun; skipped, with the reason, where the form is not to be had. */
function measured(title: string, form: string, measure: (browser: Browser, phone: Phone) => Promise<void>): void {
  test(title, async ({ browser }) => {
    test.setTimeout(900_000);
    const why = refused(form);
    if (why !== undefined) return print(form, '-', '', why);
    const server = await Server.create();
    try {
      await server.start();
      await server.loket('instrument', 'publish', join(FORMS, `${form}.xlsx`));
      await measure(browser, await enrolled(browser, server));
    } finally {
      await server.discard();
    }
  });
}

/** Loads a page in a browser context of its own, and takes its figures. */
async function fresh(
  browser: Browser,
  state: State | undefined,
  address: string,
  inputs: string,
  speed: number,
  into: Figures,
  typing?: string,
): Promise<void> {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block', storageState: state });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const bytes = traffic(page);
  await carry(page, inputs);
  await slow(devtools, speed);
  await page.goto(address, { waitUntil: 'commit' });
  into.first.push(await first(page));
  // Not for an idle network: the line on which our server says that there is more stays open.
  await still(bytes);
  into.bytes.push(bytes());
  into.heap.push(await heap(page, devtools));
  const field = page.locator(inputs.replace(/ :is\([^)]*\)$/, ` ${TEXT}`)).first();
  if ((await field.count()) === 0 && typing !== undefined) {
    await page.goto(typing);
    await field.waitFor();
  }
  if (await field.count()) {
    await field.scrollIntoViewIfNeeded();
    // The first key of a page also compiles what it runs.
    await field.evaluate((one) => window.watch.type(one, '1'));
    into.key.push(await field.evaluate((one) => window.watch.type(one, '2')));
  }
  await context.close();
}

/** Waits until nothing more has arrived whole for a second. */
async function still(bytes: () => number): Promise<void> {
  let before = -1;
  await expect(() => {
    const now = bytes();
    const same = now === before;
    before = now;
    expect(same).toBe(true);
  }).toPass({ intervals: [1_000] });
}

/** Milliseconds until the first inputs; what is on the page instead, where none come. */
async function first(page: Page): Promise<number> {
  const late = setTimeout(() => void page.close(), 190_000);
  try {
    return await page.evaluate(async () => {
      const slow = new Promise<string>((done) => setTimeout(() => done(document.body.innerText), 90_000));
      const found = await Promise.race([window.watch.first, slow]);
      if (typeof found === 'string') throw new Error(`no inputs came: ${found}`);
      return found;
    });
  } finally {
    clearTimeout(late);
  }
}

type State = Awaited<ReturnType<import('@playwright/test').BrowserContext['storageState']>>;
/** `typing`: the first page with a field for text, where there is one. */
type Phone = { state: State; address: string; typing?: string };

/** The store of a phone on which a record of the form in force was begun, and the addresses of its pages. */
async function enrolled(browser: Browser, server: Server): Promise<Phone> {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block' });
  const page = await context.newPage();
  const surveyor = await Surveyor.enrol(page, server, 'Sari');
  await begin(surveyor, page);
  const { address, typing } = await asking(page);
  const state = await context.storageState({ indexedDB: true });
  await context.close();
  return { state, address, typing };
}

async function begin(surveyor: Surveyor, page: Page): Promise<void> {
  await surveyor.openUnit(BONTANG);
  await page.getByRole('button', { name: 'Mulai kunjungan' }).click();
  await page.getByRole('heading', { name: 'Bagian' }).waitFor();
}

/** The addresses of the record's first page that asks something, and of the first that takes text. */
async function asking(page: Page): Promise<{ address: string; typing?: string }> {
  const links = page.locator('main ul.list a.item');
  await links.first().waitFor();
  const hrefs = await links.evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
  let address: string | undefined;
  for (const href of hrefs) {
    await page.goto(href);
    await page.locator('nav.foot').waitFor();
    if ((await page.locator(`${OURS}, main .rows`).count()) === 0) continue;
    await page.locator('.save-state[data-state=saved]').waitFor();
    address ??= href;
    if (await page.locator(`main .question ${TEXT}`).count()) return { address, typing: href };
  }
  if (address === undefined) throw new Error('the form asks nothing');
  return { address };
}

function report(name: string, speed: number, mine: Figures, others: Figures, most: number | undefined): void {
  const at = speed === 1 ? name : `${name} x${speed}`;
  const [first, theirFirst] = [median(mine.first), median(others.first)];
  goal(`${at} first inputs`, first, 'ms', most === undefined ? undefined : `<= ${most}`);
  print(`${at} first inputs ODK`, theirFirst.toFixed(0), 'ms');
  goal(`${at} sooner than ODK`, theirFirst / first, 'times', `>= ${AT_LEAST}`);
  if (mine.key.length > 0) goal(`${at} keystroke`, median(mine.key), 'ms', speed === 6 ? '<= 16' : undefined);
  if (others.key.length > 0) print(`${at} keystroke ODK`, median(others.key).toFixed(1), 'ms');
  if (speed > 1) return;
  print(`${at} heap`, (median(mine.heap) / 1e6).toFixed(1), 'MB');
  print(`${at} heap ODK`, (median(others.heap) / 1e6).toFixed(1), 'MB');
  print(`${at} transferred`, (median(mine.bytes) / 1e3).toFixed(0), 'kB');
  print(`${at} transferred ODK`, (median(others.bytes) / 1e3).toFixed(0), 'kB');
}

/** A figure, the goal that it has, and whether it reaches it. */
function goal(name: string, value: number, unit: string, wanted?: string): void {
  const [is, bound] = wanted?.split(' ') ?? [];
  const met = is === '<=' ? value <= Number(bound) : value >= Number(bound);
  print(name, value.toFixed(1), unit, wanted === undefined ? '' : `goal ${wanted}: ${met ? 'met' : 'MISSED'}`);
}

function print(name: string, value: string, unit: string, note = ''): void {
  console.log(`${name.padEnd(36)} ${value.padStart(8)} ${unit.padEnd(6)} ${note}`.trimEnd());
}

/** Why a form cannot be measured; none where it can. */
function refused(name: string): string | undefined {
  const lines = readFileSync(join(FORMS, 'prepared.tsv'), 'utf8').split('\n');
  const line = lines.map((line) => line.split('\t')).find(([form]) => form === name);
  if (line === undefined) return 'skipped: this workbook is not here';
  return line[1] === 'ok' ? undefined : `skipped: pyxform does not take it: ${line[1]}`;
}
