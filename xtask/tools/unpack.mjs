// node unpack.mjs UNPACK.js PACKED WASM: what a phone makes of a packed program.
import { readFileSync, writeFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

const [unpacker, packed, wasm] = process.argv.slice(2);
runInThisContext(`${readFileSync(unpacker, 'utf8')}; globalThis.unpack = unpack;`);
writeFileSync(wasm, globalThis.unpack(new Uint8Array(readFileSync(packed))));
