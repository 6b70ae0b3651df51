// Loket's service worker: keeps one whole version of the app on the device, so that it starts without a network.
//
// `cargo xtask bundle` fills in the next three lines. A version is named by the hash of all its files; every file is
// checked against its own hash when fetched, so that a version is on the device whole and unmixed, or not at all.
const VERSION = "__VERSION__";
const FILES = __FILES__; // { "/path": "sha256-..." }
importScripts("__UNPACKER__"); // `unpack`, from app/unpack.js

const PREFIX = "loket-";
const CACHE = PREFIX + VERSION;
const FORM_LOCK = "loket-form"; // held by every page that has a form open
// These names have a hash in them; what the browser has just fetched under such a name need not come again.
const HASHED = /-[0-9a-f]{8,16}\.(js|packed|css)$/;

// The program, as WebAssembly takes it.
async function unpacked(answer) {
  const wasm = unpack(new Uint8Array(await answer.arrayBuffer()));
  return new Response(wasm, { headers: { "content-type": "application/wasm" } });
}

// Fetches the whole version beside the old one. One failure discards it, and the old version stays in use.
async function install() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(
      Object.entries(FILES).map(async ([path, integrity]) => {
        const kept = HASHED.test(path) ? "default" : "reload";
        const answer = await fetch(path, { cache: kept, integrity, credentials: "omit", redirect: "error" });
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
        await cache.put(path, path.endsWith(".packed") ? await unpacked(answer) : answer);
      }),
    );
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// Which of the version's files answers a request, if any. Every page of the app is index.html.
function fileFor(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return null;
  if (url.pathname.startsWith("/api/") || url.pathname === "/healthz") return null;
  if (Object.hasOwn(FILES, url.pathname)) return url.pathname;
  return request.mode === "navigate" ? "/index.html" : null;
}

async function answer(file, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) ?? fetch(request);
}

// Becomes the version in use, unless a form is open in any page. Tells whether it did.
async function takeOver() {
  return navigator.locks.request(FORM_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock) await self.skipWaiting();
    return lock !== null;
  });
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const file = fileFor(event.request);
  if (file !== null) event.respondWith(answer(file, event.request));
});
// {type: "take-over"} answers, on the port that came along, {taken}; {type: "version"} answers {version}.
self.addEventListener("message", (event) => {
  const port = event.ports[0];
  if (event.data?.type === "version") port?.postMessage({ version: VERSION });
  if (event.data?.type === "take-over") {
    event.waitUntil(takeOver().then((taken) => port?.postMessage({ taken })));
  }
});
