// A process that answers a line of JSON with a line of JSON, waited for without letting go of the turn.
const { execFileSync, spawn } = require('node:child_process');
const { openSync, readSync, writeSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Two named pipes, so that this side can wait for an answer within one test's turn. */
function connect(program) {
    const folder = mkdtempSync(join(tmpdir(), 'loket-conformance-'));
    const [into, out] = ['in', 'out'].map((name) => join(folder, name));
    execFileSync('mkfifo', [into, out]);
    spawn('/bin/sh', ['-c', 'exec "$0" <"$1" >"$2"', program, into, out], { stdio: 'ignore' }).unref();
    const writing = openSync(into, 'w');
    const reading = openSync(out, 'r');
    rmSync(folder, { recursive: true });
    let rest = Buffer.alloc(0);
    return (question) => {
        const bytes = Buffer.from(`${JSON.stringify(question)}\n`);
        for (let sent = 0; sent < bytes.length; ) sent += writeSync(writing, bytes, sent);
        for (;;) {
            const end = rest.indexOf(10);
            if (end >= 0) {
                const line = rest.subarray(0, end).toString();
                rest = rest.subarray(end + 1);
                return JSON.parse(line);
            }
            const part = Buffer.alloc(1 << 16);
            const length = readSync(reading, part);
            if (length === 0) throw new Error('the evaluator ended');
            rest = Buffer.concat([rest, part.subarray(0, length)]);
        }
    };
}

module.exports = { connect };
