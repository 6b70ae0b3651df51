// Puts the program together again as it was before xtask/src/pack.rs set its parts apart, which says how and why. On the
// first visit a worker does so, beside the page, which reads styles and scripts meanwhile; the service worker keeps the
// result, so that later starts have nothing to unpack and need no worker.

const CODE = '__CODE__'; // app/unpack.wat in Base64, by xtask/src/assemble.rs
// Streams.
const BEFORE = 0, AFTER = 1, OPERATION = 3, LOCAL = 4, INT = 5, LONG = 6, LOAD = 8, STORE = 9, CALL = 10, BRANCH = 11;
const OTHER = 12, STREAMS = 13;
// The stream of the number that follows, by the first and last of the operations; 255: more than a number.
const FOLLOWING = [
  [OPERATION, 0x02, 0x04], [BRANCH, 0x0c, 0x0d], [255, 0x0e, 0x0e], [CALL, 0x10, 0x10], [255, 0x11, 0x11],
  [255, 0x1c, 0x1c], [LOCAL, 0x20, 0x22], [OTHER, 0x23, 0x26], [LOAD, 0x28, 0x35], [STORE, 0x36, 0x3e],
  [OPERATION, 0x3f, 0x40], [INT, 0x41, 0x41], [LONG, 0x42, 0x42], [255, 0x43, 0x44], [OPERATION, 0xd0, 0xd0],
  [CALL, 0xd2, 0xd2], [255, 0xfc, 0xfc],
];
const ALIGNMENTS = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2]; // from 0x28
// Places in the memory that app/unpack.wat works in.
const FOLLOWS = 256, DEEPER = 512, ALIGNMENT = 768, PACKED = 0x60000;

function unpack(packed) {
  const head = new DataView(packed.buffer, packed.byteOffset);
  const length = head.getUint32(8, true);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((PACKED + packed.length + length) / 65536) });
  const bytes = new Uint8Array(memory.buffer), words = new Int32Array(memory.buffer);
  bytes.set(packed, PACKED);
  const lengths = [];
  for (let stream = 0, place = PACKED + 12 + 4 * STREAMS; stream < STREAMS; stream++) {
    lengths.push(head.getUint32(12 + 4 * stream, true));
    words[stream] = place;
    place += lengths[stream];
  }
  for (const [stream, first, last] of FOLLOWING) bytes.fill(stream, FOLLOWS + first, FOLLOWS + last + 1);
  bytes.fill(1, DEEPER + 0x02, DEEPER + 0x05);
  bytes[DEEPER + 0x0b] = -1;
  bytes.set(ALIGNMENTS, ALIGNMENT + 0x28);
  const code = Uint8Array.from(atob(CODE), (one) => one.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { '': { memory } });
  const out = PACKED + packed.length;
  exports.unpack(out, lengths[BEFORE], lengths[AFTER]);
  return bytes.subarray(out, out + length);
}

// A page gives its worker the packed program, and gets the program, compiled.
if (typeof DedicatedWorkerGlobalScope !== 'undefined' && self instanceof DedicatedWorkerGlobalScope) {
  self.onmessage = async ({ data }) => {
    try {
      self.postMessage(await WebAssembly.compile(unpack(new Uint8Array(data))));
    } catch (fault) {
      self.postMessage(String(fault));
    }
  };
}
