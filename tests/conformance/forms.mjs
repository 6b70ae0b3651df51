// Fills the same forms with the same random answers, by ODK Web Forms' engine and by Loket's, and compares after each
// step what is relevant, calculated, wrong, required and offered. A difference without a reason in
// explained/forms.json fails, and so does a reason without a difference.
//
// LOKET_WALK: our engine's program; LOKET_FORMS: folder of XForms by pyxform, each with the path of its workbook in
// index.json (no XForm where pyxform refuses it); LOKET_WALKS: how many walks in all; LOKET_SEED: where to begin.
// Many walks are taken by one process after another, since the reference engine keeps what every instance held.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences, reference, rowsOf } from './compare.mjs';
import { random } from './random.mjs';
import { choose, perform } from './steps.mjs';

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const { connect } = require('./pipe.cjs');

const budget = Number(process.env.LOKET_WALKS ?? 60);
const first = Number(process.env.LOKET_SEED ?? 1);
/** Walks that one process takes. */
const MOST = 500;
/** Where a process that takes a part writes what it found: [from, upto, file]. */
const part = process.argv[2] === undefined ? undefined : [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
if (part === undefined && budget > MOST) {
    judge(together());
}

/** What all parts found, one process after another. */
function together() {
    const folder = mkdtempSync(join(tmpdir(), 'loket-walks-'));
    const sum = { notes: new Map(), looks: [], evened: 0, forms: 0, refused: 0 };
    for (let from = 0; from < budget; from += MOST) {
        const [upto, file] = [Math.min(from + MOST, budget), join(folder, `${from}.json`)];
        const { status, signal } = spawnSync(process.execPath, [import.meta.filename, from, upto, file], { stdio: 'inherit' });
        if (status !== 0) throw new Error(`the walks from seed ${first + from} ended with ${status ?? signal}`);
        const { notes, looks, evened, forms, refused } = JSON.parse(readFileSync(file, 'utf8'));
        for (const [key, { count, example }] of notes) {
            const known = sum.notes.get(key) ?? { count: 0, example };
            sum.notes.set(key, { ...known, count: known.count + count });
        }
        sum.looks.push(...looks);
        Object.assign(sum, { evened: sum.evened + evened, forms, refused });
        console.log(`forms: ${upto} of ${budget} walks, ${sum.notes.size} differences so far`);
    }
    rmSync(folder, { recursive: true });
    return sum;
}

// Both engines live in the same moment.
const NOW = Date.UTC(2026, 10, 22, 3, 11, 12);
const clock = { today: '2026-11-22', now: '2026-11-22T10:11:12.000+07:00' };
const Real = globalThis.Date;
globalThis.Date = class extends Real {
    constructor(...given) {
        super(...(given.length ? given : [NOW]));
    }
    static now() {
        return NOW;
    }
};

const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<!DOCTYPE html>', { url: 'http://localhost/' });
const globals = ['DOMParser', 'XMLSerializer', 'Node', 'Element', 'Attr', 'Document', 'XMLDocument', 'Text', 'Comment', 'CDATASection', 'localStorage'];
for (const name of globals) globalThis[name] = window[name];
globalThis.window = window;
globalThis.document = window.document;
// Its parser of expressions looks for them, though it is a module.
globalThis.__dirname = here;
globalThis.require = require;
const { loadForm } = await import('@getodk/xforms-engine');

const folder = process.env.LOKET_FORMS;
const STEPS = 12;
const ask = connect(process.env.LOKET_WALK);
const forms = [];
let refused = 0;
const notes = new Map();

/** Counts a difference by form, kind and place without row numbers. */
function note(form, kind, place, example) {
    const key = `${form}: ${kind}: ${place.replace(/\[\d+\]/g, '')}`;
    const known = notes.get(key) ?? { count: 0, example };
    known.count += 1;
    notes.set(key, known);
    look?.add(key);
}

/** Each time that the two were compared, or one could not be: the differences that were found. */
const looks = [];
let look;
function begin() {
    look = new Set();
    looks.push(look);
}

for (const { name, xform, workbook } of JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))) {
    begin();
    const opened = ask({ open: workbook, ...clock });
    if (xform === null) {
        if (!opened.refused) note(name, 'taken', '', 'pyxform refuses it');
        refused += Number(Boolean(opened.refused));
        continue;
    }
    const loaded = await loadForm(readFileSync(join(folder, xform), 'utf8'), {
        missingResourceBehavior: 'BLANK',
        fetchFormAttachment: async () => new Response('', { status: 404 }),
    });
    if (loaded.status === 'failure' || opened.refused) {
        const theirs = loaded.status === 'failure';
        if (!theirs || !opened.refused) note(name, theirs ? 'refused by the reference' : 'refused', '', opened.refused ?? loaded.error.message);
        refused += Number(theirs && Boolean(opened.refused));
        continue;
    }
    forms.push({ name, loaded, workbook });
}

let rows = 0;
let evened = 0;

/** Gives ours the rows that the reference has: it begins with one of each repeat, ours with none. */
function evenRows(root, state) {
    for (;;) {
        const missing = rowsOf(root).find(({ repeat, count }) => count > 0 && !(`${repeat}[${count}]` in state));
        if (!missing) return state;
        const answer = ask({ add: missing.repeat, row: `f${(rows += 1)}` });
        if (answer.refused) return state;
        evened += 1;
        state = answer.state;
    }
}

/** Notes what differs. False where the walk cannot go on: a filter took an answer away here and only hid it there. */
function compare(form, root, state, after, answered) {
    const theirs = reference(root);
    const found = differences(theirs, state);
    const vanished = found.filter(({ kind, place, ours }) => {
        const isSelect = Array.isArray(theirs[place]?.[4]);
        return kind === 'value' && ours === '' && isSelect && place !== answered;
    });
    for (const { kind, place, theirs, ours } of vanished.length > 0 ? vanished : found) {
        const example = `after ${after}: ${JSON.stringify(theirs)} there, ${JSON.stringify(ours)} here`;
        note(form.name, vanished.length > 0 ? 'vanished choice' : kind, place, example);
    }
    return vanished.length === 0;
}

const [from, upto] = part ?? [0, budget];
for (let walk = from; walk < upto && forms.length > 0; walk += 1) {
    const form = forms[walk % forms.length];
    const seed = first + walk;
    const dice = random(seed);
    const { root } = form.loaded.createInstance({});
    begin();
    let state = evenRows(root, ask({ open: form.workbook, ...clock }).state);
    compare(form, root, state, `opening (seed ${seed})`);
    for (let step = 0; step < STEPS; step += 1) {
        const action = choose(root, dice);
        if (!action) break;
        const wanted = perform(action);
        if (!wanted) continue;
        begin();
        const answer = ask(wanted);
        if (answer.refused) note(form.name, 'refused', wanted.answer ?? wanted.add ?? wanted.remove, `${JSON.stringify(wanted)}: ${answer.refused} (seed ${seed})`);
        state = evenRows(root, answer.state);
        if (!compare(form, root, state, `${JSON.stringify(wanted)} (seed ${seed}, step ${step})`, wanted.answer)) break;
    }
}

const found = { notes, looks: looks.map((keys) => [...keys]), evened, forms: forms.length, refused };
if (part !== undefined) {
    writeFileSync(part[2], JSON.stringify({ ...found, notes: [...notes] }));
    process.exit(0);
}
judge(found);

/** Says what was found, and ends: well where every difference has its reason. */
function judge({ notes, looks, evened, forms, refused }) {
    const explained = JSON.parse(readFileSync(join(here, 'explained/forms.json'), 'utf8'));
    const used = new Set();
    const unexplained = [...notes].filter(([key]) => {
        const entry = explained.find(({ pattern }) => new RegExp(pattern).test(key));
        if (entry) used.add(entry);
        return !entry;
    });
    const bad = new Set(unexplained.map(([key]) => key));
    const [same, passed] = [looks.filter((keys) => keys.length === 0), looks.filter((keys) => !keys.some((key) => bad.has(key)))];
    console.log(`forms: ${budget} walks over ${forms} forms from seed ${first}; ${refused} forms refused by both`);
    console.log(`forms: passed ${passed.length} of ${looks.length} comparisons, ${same.length} of them without any difference`);
    console.log(`forms: ${notes.size - unexplained.length} differences explained, ${unexplained.length} not`);
    for (const [key, { count, example }] of unexplained) console.log(`unexplained: ${key} (${count} times)\n    ${example.slice(0, 400)}`);
    for (const { pattern, reason } of explained) console.log(`explained: ${pattern}: ${reason}`);
    console.log(`explained: ${evened} rows: the reference begins each repeat with a row, ours with none, so that two phones do not each begin one; ours was given it`);
    // A small budget does not meet every difference again; the full one must.
    const stale = budget >= 10_000 ? explained.filter((entry) => !used.has(entry)) : [];
    for (const { pattern } of stale) console.log(`explained, but not met any more: ${pattern}`);
    process.exit(unexplained.length + stale.length > 0 ? 1 : 0);
}
