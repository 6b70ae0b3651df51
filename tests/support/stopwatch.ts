// What both apps' pages are timed with, from inside the page: nothing here knows whose page it is.
import type { CDPSession, Page } from '@playwright/test';

/** Hands of the stopwatch that the page carries; set by {@link carry} before anything of the page runs. */
type Watch = {
  /** Milliseconds from the start of the navigation until the first inputs were painted. */
  first: Promise<number>;
  /** Milliseconds until the last change that `act` led to, before five tasks in a row changed nothing; layout included. */
  settle: (act: () => void) => Promise<number>;
  /** Types `text` at the end of a field, as a key press does. */
  type: (field: Element, text: string) => Promise<number>;
  /** Bytes of all WebAssembly memories. */
  wasm: () => number;
};
declare global {
  interface Window {
    watch: Watch;
  }
}

/** Lets every page that is opened from now on carry the stopwatch; `inputs` names a form's inputs. */
export async function carry(page: Page, inputs: string): Promise<void> {
  await page.addInitScript((inputs) => {
    const memories = new Set<WebAssembly.Memory>();
    for (const name of ['instantiate', 'instantiateStreaming'] as const) {
      const own = WebAssembly[name] as (...words: any[]) => Promise<any>;
      WebAssembly[name] = (async (...words: any[]) => {
        const made = await own.apply(WebAssembly, words);
        const exports = Object.values((made.instance ?? made).exports ?? {});
        for (const one of exports) if (one instanceof WebAssembly.Memory) memories.add(one);
        return made;
      }) as any;
    }
    const channel = new MessageChannel();
    const waiting: (() => void)[] = [];
    channel.port1.onmessage = () => waiting.shift()?.();
    // A task of its own, with no delay; a frame may come between.
    const hop = () =>
      new Promise<void>((done) => {
        waiting.push(done);
        channel.port2.postMessage(0);
      });
    const first = new Promise<number>((done) => {
      const look = () => {
        const there = [...document.querySelectorAll(inputs)].some((one) => one.checkVisibility());
        // The frame that shows them is painted right after this callback: the next task comes after it.
        if (there) void hop().then(() => done(performance.now()));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const settle = async (act: () => void) => {
      let moved = false;
      let end = 0;
      // Told right after what made the change, and before anything else runs.
      const observer = new MutationObserver(() => {
        moved = true;
        end = performance.now();
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      const start = performance.now();
      act();
      end = performance.now();
      for (let quiet = 0; quiet < 5; quiet = moved ? 0 : quiet + 1) {
        moved = false;
        await hop();
      }
      observer.disconnect();
      const layout = performance.now();
      document.body.getBoundingClientRect();
      return end - start + (performance.now() - layout);
    };
    const type = (field: Element, text: string) => {
      const typed = field as HTMLInputElement;
      typed.focus();
      typed.setSelectionRange?.(typed.value.length, typed.value.length);
      return settle(() => void document.execCommand('insertText', false, text));
    };
    const wasm = () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    window.watch = { first, settle, type, wasm };
  }, inputs);
}

/** Slows the page's processor. 1 is full speed. */
export async function slow(devtools: CDPSession, rate: number): Promise<void> {
  await devtools.send('Emulation.setCPUThrottlingRate', { rate });
}

/** Bytes that crossed since this was called, to the page and its workers, bodies compressed as sent, heads included. */
export function traffic(page: Page): () => number {
  let bytes = 0;
  page.on('requestfinished', (request) => {
    void request.sizes().then(
      ({ responseHeadersSize, responseBodySize }) => (bytes += responseHeadersSize + responseBodySize),
      // The page has gone meanwhile.
      () => undefined,
    );
  });
  return () => bytes;
}

/** Bytes of JavaScript objects in use after a collection, and of WebAssembly memories. */
export async function heap(page: Page, devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize + (await page.evaluate(() => window.watch.wasm()));
}

export function median(figures: number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
