// Loket's forms beside ODK Web Forms: the same workbooks, one run, one browser, taking turns.
//
// Both are served from this machine, compressed alike (Brotli), without a service worker and with the browser's cache off, in
// a phone's window. A figure is the median of five fresh loads, at full speed and with the processor slowed six times
// (Emulation.setCPUThrottlingRate). Each app is measured as a person meets it:
//
// - ODK Web Forms: a page with the component and nothing else; it fetches the form's XML and shows all of the form.
// - Loket: an enrolled phone on which the record was begun; the page of its first group that asks something is loaded by its
//   address. That fetches and starts the whole app, opens the device's store, reads record and instrument from it, and
//   shows the page; the app asks the server for news meanwhile, whose bytes are counted.
//
// "First inputs": from the start of the navigation until the first visible inputs are painted. "Keystroke": from a key in
// the form's first text field until the page has come to rest: until five tasks in a row changed nothing in it, layout
// included (no waiting for the next frame). "Heap": JavaScript objects after a collection, and the whole of WebAssembly's
// memory. "Transferred": all answers, heads included, until then.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from '@playwright/test';
import { FieldForms } from '../support/field-forms';
import { Server } from '../support/server';
import { carry, heap, median, slow, traffic } from '../support/stopwatch';
import { BONTANG, SURVEYOR, Surveyor } from '../support/surveyor';
import { test } from '../support/walk';

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
  test(`${name} beside ODK Web Forms`, async ({ browser }) => {
    test.setTimeout(900_000);
    const why = refused(name);
    if (why !== undefined) return print(`${name}`, '-', '', why);
    const phone = await enrolled(browser, name);
    if (phone === undefined) return;
    const field = await FieldForms.serve(PAGE, FORMS);
    const theirs = `${field.url}/?form=${name}`;
    for (const speed of SPEEDS) {
      const [mine, others] = [none(), none()];
      for (let load = 0; load < LOADS; load += 1) {
        await fresh(browser, phone.state, phone.address, OURS, speed, mine);
        await fresh(browser, undefined, theirs, THEIRS, speed, others);
      }
      report(name, speed, mine, others, goals[speed]);
    }
    await field.discard();
    await phone.server.discard();
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
): Promise<void> {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block', storageState: state });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const bytes = await traffic(devtools);
  await carry(page, inputs);
  await slow(devtools, speed);
  await page.goto(address, { waitUntil: 'commit' });
  into.first.push(await page.evaluate(() => window.watch.first));
  await page.waitForLoadState('networkidle');
  into.bytes.push(bytes());
  into.heap.push(await heap(page, devtools));
  const field = page.locator(inputs.replace(/ :is\([^)]*\)$/, ` ${TEXT}`)).first();
  if (await field.count()) {
    await field.scrollIntoViewIfNeeded();
    // The first key of a page also compiles what it runs.
    await field.evaluate((one) => window.watch.type(one, '1'));
    into.key.push(await field.evaluate((one) => window.watch.type(one, '2')));
  }
  await context.close();
}

type State = Awaited<ReturnType<import('@playwright/test').BrowserContext['storageState']>>;
type Phone = { server: Server; state: State; address: string };

/** A server with the form in force, and the store of a phone on which its record was begun. */
async function enrolled(browser: Browser, name: string): Promise<Phone | undefined> {
  const server = await Server.create();
  try {
    await server.loket('instrument', 'publish', join(FORMS, `${name}.xlsx`));
  } catch (fault) {
    print(name, '-', '', `skipped: our compiler does not take it yet. ${String(fault).split('\n').at(-2) ?? ''}`);
    await server.discard();
    return undefined;
  }
  await server.start();
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block' });
  const page = await context.newPage();
  const surveyor = await Surveyor.enrol(page, server, 'Sari');
  await begin(surveyor, page);
  const address = await asking(page);
  const state = await context.storageState({ indexedDB: true });
  await context.close();
  return { server, state, address };
}

async function begin(surveyor: Surveyor, page: Page): Promise<void> {
  await surveyor.openUnit(BONTANG);
  await page.getByRole('button', { name: 'Mulai kunjungan' }).click();
  await page.getByRole('heading', { name: 'Bagian' }).waitFor();
}

/** The address of the record's first page that asks something, opened. */
async function asking(page: Page): Promise<string> {
  const links = page.locator('main ul.list a.item');
  await links.first().waitFor();
  const hrefs = await links.evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
  for (const href of hrefs) {
    await page.goto(href);
    await page.locator('nav.foot').waitFor();
    if (await page.locator(OURS).count()) {
      await page.locator('.save-state[data-state=saved]').waitFor();
      return href;
    }
  }
  throw new Error('the form asks nothing');
}

function report(name: string, speed: number, mine: Figures, others: Figures, goal: number | undefined): void {
  const at = speed === 1 ? name : `${name} x${speed}`;
  const [first, theirFirst] = [median(mine.first), median(others.first)];
  print(`${at} first inputs`, first.toFixed(0), 'ms', goal === undefined ? '' : `goal <= ${goal}`);
  print(`${at} first inputs ODK`, theirFirst.toFixed(0), 'ms');
  print(`${at} sooner than ODK`, (theirFirst / first).toFixed(1), 'times', `goal >= ${AT_LEAST}`);
  if (mine.key.length > 0) {
    print(`${at} keystroke`, median(mine.key).toFixed(1), 'ms', speed === 6 ? 'goal <= 16' : '');
  }
  if (others.key.length > 0) print(`${at} keystroke ODK`, median(others.key).toFixed(1), 'ms');
  if (speed > 1) return;
  print(`${at} heap`, (median(mine.heap) / 1e6).toFixed(1), 'MB');
  print(`${at} heap ODK`, (median(others.heap) / 1e6).toFixed(1), 'MB');
  print(`${at} transferred`, (median(mine.bytes) / 1e3).toFixed(0), 'kB');
  print(`${at} transferred ODK`, (median(others.bytes) / 1e3).toFixed(0), 'kB');
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
