// Runs the tests that openrosa-xpath-evaluator ships with Loket's evaluator in place of its own engine, and compares
// what fails with what is explained in explained/xpath.json: a failure without a reason fails, and so does a reason
// without a failure.
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const tests = join(here, 'node_modules/openrosa-xpath-evaluator/test/integration');

const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<!DOCTYPE html><html><body></body></html>');
for (const name of ['DOMParser', 'XPathResult', 'XPathEvaluator', 'Node', 'Attr', 'Document']) {
    globalThis[name] = window[name];
}
globalThis.window = window;
globalThis.document = window.document;

const engine = require.resolve('openrosa-xpath-evaluator');
require.cache[engine] = { id: engine, filename: engine, loaded: true, exports: require('./evaluator.cjs') };

const Mocha = require('mocha');
const mocha = new Mocha({ reporter: function Quiet() {}, timeout: 20_000 });
const files = readdirSync(tests, { recursive: true }).filter((name) => name.endsWith('.spec.js')).sort();
for (const file of files) mocha.addFile(join(tests, file));

const results = await new Promise((done) => {
    const found = [];
    const note = (test, error) => {
        const file = relative(tests, test.file ?? test.parent?.file ?? '');
        found.push({ part: file.startsWith('openrosa-xpath') ? 'openrosa' : 'other', case: `${file}: ${test.fullTitle()}`, error });
    };
    mocha
        .run(() => done(found))
        .on('pass', (test) => note(test))
        .on('fail', (test, error) => note(test, String(error.message).slice(0, 300)));
});

const failed = results.filter((result) => result.error !== undefined);
const passed = (of) => of.filter((result) => result.error === undefined).length;
const openrosa = results.filter((result) => result.part === 'openrosa');
console.log(`xpath, OpenRosa functions: passed ${passed(openrosa)} of ${openrosa.length}`);
console.log(`xpath, all: passed ${passed(results)} of ${results.length}`);

/** Reasons, each with the cases that it explains. */
const explained = JSON.parse(readFileSync(join(here, 'explained/xpath.json'), 'utf8'));
const left = explained.flatMap(({ reason, cases }) => cases.map((name) => ({ name, reason })));
const unexplained = failed.filter((failure) => {
    const place = left.findIndex((entry) => entry.name === failure.case);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
});
for (const failure of unexplained) console.log(`unexplained: ${failure.case}\n    ${failure.error}`);
for (const entry of left) console.log(`explained, but passes or is gone: ${entry.name} (${entry.reason})`);
for (const { reason, cases } of explained) console.log(`explained: ${cases.length} × ${reason}`);
process.exit(unexplained.length + left.length > 0 ? 1 : 0);
