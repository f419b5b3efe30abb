import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { CID } from "../../src/media/cid.js";
import { type Blocks } from "../../src/media/unixfs.js";

/** How a node misbehaves. */
export type Fault = "none" | "flips" | "silent" | "halfway" | "refuses" | "another";

/** A storage node of a test, which serves blocks, well or badly. */
export class FakeNode {
  asked = 0;
  fault: Fault;
  private constructor(private readonly server: Server, readonly operator: string, fault: Fault) {
    this.fault = fault;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  static async start(operator: string, blocks: Blocks, fault: Fault = "none"): Promise<FakeNode> {
    const server = createServer((q, r) => {
      if (q.url === "/v1/info") {
        r.setHeader("Content-Type", "application/json");
        r.end(JSON.stringify({ chain_id: "c", operator: node.fault === "another" ? "x" : operator }));
        return;
      }
      void node.block(q.url!, blocks, r);
    });
    const node = new FakeNode(server, operator, fault);
    await new Promise<void>((ok, no) => server.once("error", no).listen(0, "127.0.0.1", ok));
    return node;
  }

  /** A node that fetches what it is asked for from a real one, and changes a bit of it. It answers faster than the real one can. */
  static async proxy(operator: string, chainId: string, real: string): Promise<FakeNode> {
    const server = createServer((q, r) => {
      void (async () => {
        if (q.url === "/v1/info") return r.end(JSON.stringify({ chain_id: chainId, operator }));
        node.asked++;
        const answer = await fetch(real + q.url);
        const data = new Uint8Array(await answer.arrayBuffer());
        if (answer.ok && data.length > 0) data[data.length >> 1]! ^= 1;
        r.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") ?? "" }).end(data);
      })().catch(() => r.destroy());
    });
    const node = new FakeNode(server, operator, "flips");
    await new Promise<void>((ok, no) => server.once("error", no).listen(0, "127.0.0.1", ok));
    return node;
  }

  private async block(url: string, blocks: Blocks, r: ServerResponse): Promise<void> {
    this.asked++;
    if (this.fault === "silent") return;
    if (this.fault === "refuses") {
      r.writeHead(402, { "Content-Type": "application/problem+json" }).end(JSON.stringify({ slug: "payment-required", detail: "pay", terms: { due: 3, used: 1, paid: 1, offers: [] } }));
      return;
    }
    const data = await blocks.get(CID.parse(/\/ipfs\/(\w+)/.exec(url)![1]!));
    const out = data.slice();
    if (this.fault === "flips" && out.length > 0) out[out.length >> 1]! ^= 1;
    if (this.fault === "halfway") {
      r.writeHead(200, { "Content-Length": out.length });
      r.write(out.subarray(0, out.length >> 1));
      return;
    }
    r.end(out);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((ok) => this.server.close(ok));
  }
}

/** A port of this machine at which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ok) => server.listen(0, "127.0.0.1", ok));
  const { port } = server.address() as AddressInfo;
  await new Promise((ok) => server.close(ok));
  return port;
}
