// automerge-repo as a client: takes documents from files, then does what standard input says, a command a line.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";

const [documents, storage, url] = process.argv.slice(2);
const repo = new Repo({ network: [], storage: new NodeFSStorageAdapter(storage), peerId: "client" });
const handles = readdirSync(documents)
  .sort()
  .map((name) => repo.import(new Uint8Array(readFileSync(join(documents, name)))));
await Promise.all(handles.map((handle) => handle.whenReady()));
await repo.flush();
console.log(`ready ${handles.length}`);

const commands = {
  // Comes back by itself 100 ms after the connection is lost.
  connect: () => repo.networkSubsystem.addNetworkAdapter(new WebSocketClientAdapter(url, 100)),
  change: (count) => {
    for (const handle of handles.slice(0, Number(count))) {
      handle.change((doc) => (doc['/withdrawn'] = "1790000001"), { time: 1790000001 });
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, argument] = line.split(" ");
  await commands[name]?.(argument);
  console.log(`did ${name}`);
}
process.exit(0);
