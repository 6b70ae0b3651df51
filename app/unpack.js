// Puts the program together again as it was before xtask/src/pack.rs set its parts apart, which says how and why. On the
// first visit a worker does so, beside the page, which reads styles and scripts meanwhile; the service worker keeps the
// result, so that later starts have nothing to unpack.
const BEFORE = 0, AFTER = 1, LOCALS = 2, OPERATION = 3, LOCAL = 4, INT = 5, LONG = 6, FLOAT = 7, LOAD = 8, STORE = 9;
const CALL = 10, BRANCH = 11, OTHER = 12, STREAMS = 13;
const ALIGNED = 0x27;
const ALIGNMENTS = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

// What WebAssembly takes, from an answer with the program, packed or not.
async function unpacked(answer) {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  if (answer.headers.get('content-type') === 'application/wasm') return answer;
  const wasm = unpack(new Uint8Array(await answer.arrayBuffer()));
  return new Response(wasm, { headers: { 'content-type': 'application/wasm' } });
}

// A page's worker is told the program's address, and answers with the program, compiled.
if (typeof DedicatedWorkerGlobalScope !== 'undefined' && self instanceof DedicatedWorkerGlobalScope) {
  self.onmessage = async ({ data }) => {
    try {
      self.postMessage(await WebAssembly.compileStreaming(await unpacked(await fetch(data))));
    } catch (fault) {
      self.postMessage(String(fault));
    }
  };
}

function unpack(packed) {
  const head = new DataView(packed.buffer, packed.byteOffset);
  const out = new Uint8Array(head.getUint32(8, true));
  let end = 0; // of what is written
  const at = new Int32Array(STREAMS); // where each stream is read next
  const lengths = [];
  for (let stream = 0, place = 12 + 4 * STREAMS; stream < STREAMS; stream++) {
    lengths.push(head.getUint32(12 + 4 * stream, true));
    at[stream] = place;
    place += lengths[stream];
  }

  function copy(stream, count) {
    for (; count > 0; count--) out[end++] = packed[at[stream]++];
  }
  function leb(stream) {
    let from = at[stream], to = end, byte;
    do out[to++] = byte = packed[from++]; while (byte > 127);
    at[stream] = from;
    end = to;
  }
  function lebs(stream, count) {
    for (; count > 0; count--) leb(stream);
  }
  // Reads a number, and takes it over where asked.
  function number(stream, isTaken) {
    let number = 0, shift = 0, byte;
    do {
      byte = packed[at[stream]++];
      if (isTaken) out[end++] = byte;
      number |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return number;
  }
  function write(number) {
    for (; number > 127; number >>>= 7) out[end++] = (number & 127) | 128;
    out[end++] = number;
  }
  // Writes what `inside` writes, with its length in front: room for two bytes of it, as most need; the others are moved.
  function measured(inside) {
    const start = end;
    end += 2;
    inside();
    const to = end, length = to - start - 2;
    end = start;
    if (length < 128 || length > 16383) {
      const moved = out.slice(start + 2, to);
      write(length);
      out.set(moved, end);
      end += length;
    } else {
      write(length);
      end = to;
    }
  }

  // The function's locals that were used, the last one first. Shifted by hand: the engines' own ways take far longer
  // for the few that most functions have.
  const recent = new Uint32Array(65536);
  const isUsed = new Uint8Array(65536);
  let used = 0;
  function local() {
    // One byte, but in functions with a great many locals.
    const first = packed[at[LOCAL]];
    const place = first < 128 ? (at[LOCAL]++, first) : number(LOCAL);
    const which = place < used ? recent[place] : unused(place - used);
    for (let n = place < used ? place : used++; n > 0; n--) recent[n] = recent[n - 1];
    recent[0] = which;
    isUsed[which] = 1;
    write(which);
  }
  // The local that stands at that place among those not used yet.
  function unused(place) {
    let which = 0;
    for (; isUsed[which] === 1 || place-- > 0; which++);
    return which;
  }

  function body() {
    lebs(LOCALS, 2 * number(LOCALS, true));
    while (used > 0) isUsed[recent[--used]] = 0;
    let alignment = -1;
    for (let depth = 1; depth > 0; ) {
      const operation = packed[at[OPERATION]++];
      if (operation === ALIGNED) {
        alignment = packed[at[OPERATION]++];
        continue;
      }
      out[end++] = operation;
      if (operation >= 0x20 && operation <= 0x22) {
        local();
        continue;
      }
      if (operation >= 0x28 && operation <= 0x3e) {
        out[end++] = alignment < 0 ? ALIGNMENTS[operation - 0x28] : alignment;
        alignment = -1;
        leb(operation < 0x36 ? LOAD : STORE);
        continue;
      }
      switch (operation) {
        case 0x02: case 0x03: case 0x04:
          depth++;
          leb(OPERATION);
          break;
        case 0x3f: case 0x40: case 0xd0:
          leb(OPERATION);
          break;
        case 0x0b:
          depth--;
          break;
        case 0x0c: case 0x0d:
          leb(BRANCH);
          break;
        case 0x0e:
          lebs(BRANCH, number(BRANCH, true) + 1);
          break;
        case 0x10: case 0xd2:
          leb(CALL);
          break;
        case 0x11:
          lebs(OTHER, 2);
          break;
        case 0x1c:
          lebs(OPERATION, number(OPERATION, true));
          break;
        case 0x23: case 0x24: case 0x25: case 0x26:
          leb(OTHER);
          break;
        case 0x41:
          leb(INT);
          break;
        case 0x42:
          leb(LONG);
          break;
        case 0x43:
          copy(FLOAT, 4);
          break;
        case 0x44:
          copy(FLOAT, 8);
          break;
        case 0xfc: {
          const further = number(OPERATION, true);
          if (further > 7) lebs(OPERATION, further < 15 && further % 2 === 0 ? 2 : 1);
        }
      }
    }
  }

  copy(BEFORE, lengths[BEFORE]);
  out[end++] = 10;
  measured(() => {
    for (let count = number(LOCALS, true); count > 0; count--) measured(body);
  });
  copy(AFTER, lengths[AFTER]);
  return out;
}
