// automerge-repo as a server: keeps every document that comes, and says how many are whole and how many are changed.
import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
sockets.on("listening", () => console.log(`listening ${sockets.address().port}`));

const repo = new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(process.argv[2]),
  peerId: "server",
  sharePolicy: async () => false, // as a server does: it offers nothing by itself, and answers whoever asks
});

const whole = new Set();
const changed = new Set();

function look(id, doc) {
  if (doc?.['/closed'] && !whole.has(id)) {
    whole.add(id);
    console.log(`whole ${whole.size}`);
  }
  if (doc?.['/withdrawn'] && !changed.has(id)) {
    changed.add(id);
    console.log(`changed ${changed.size}`);
  }
}

// Documents that come from others are not announced: whoever wants to know looks.
const known = new Set();
setInterval(() => {
  for (const [id, handle] of Object.entries(repo.handles)) {
    if (known.has(id)) continue;
    known.add(id);
    handle.on("change", ({ doc }) => look(id, doc));
    handle.whenReady().then(() => look(id, handle.doc()), () => {});
  }
}, 10);
