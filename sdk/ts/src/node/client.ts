import { concat, toHex } from "../media/bytes.js";
import { type CID } from "../media/cid.js";
import { CorruptError, NodeProblem, StalledError, UnreachableError } from "./errors.js";
import { parsePaid, type KeysRequest, type KeysResponse, type LaneJSON, type NodeInfo, type OpenResponse, type SessionJSON } from "./wire.js";

/** How long a node may stay silent before a request to it is given up, in ms. */
export const STALL = 5000;
/** The most that a block has: chunks have a mebibyte, and no node stores more than two. */
export const MAX_BLOCK = 2 << 20;
const MAX_JSON = 1 << 20;

/** Goes with a request for bytes; each may be left out. */
export interface Credentials {
  /** value of Stream-Auth: who is asking */
  proof?: string;
  /** value of Stream-Pay: the newest word */
  pay?: string;
}

/** A verified block, and how it came. */
export interface BlockReply {
  data: Uint8Array<ArrayBuffer>;
  /** the node's count, where the bytes are paid by the tick */
  paid?: { paid: number; used: number };
  /** from the request to the first byte, in ms */
  first: number;
}

export interface ClientOptions {
  /** the node's operator and chain: an answer of info for others is refused */
  operator?: string;
  chainId?: string;
  fetch?: typeof fetch;
}

/** Speaks to one storage node. */
export class NodeClient {
  readonly endpoint: string;
  private readonly fetcher: typeof fetch;

  constructor(endpoint: string, private readonly options: ClientOptions = {}) {
    const url = new URL(endpoint);
    if (url.protocol !== "https:" && url.protocol !== "http:") throw new TypeError(`no endpoint of a node: ${endpoint.slice(0, 100)}`);
    this.endpoint = url.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
    this.fetcher = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Says what the node is. UnreachableError where it is another's, or of another chain. */
  async info(signal?: AbortSignal): Promise<NodeInfo> {
    const info = await this.json<NodeInfo>("GET", "/v1/info", undefined, signal);
    const { operator, chainId } = this.options;
    if ((operator !== undefined && info.operator !== operator) || (chainId !== undefined && info.chain_id !== chainId)) {
      throw new UnreachableError(`${this.endpoint} is the node of ${info.operator} on ${info.chain_id}`);
    }
    return info;
  }

  /** Fetches a block and verifies it. moved is told of bytes as they come. NodeProblem, CorruptError, StalledError, UnreachableError. */
  async block(cid: CID, cred: Credentials = {}, signal?: AbortSignal, moved?: (bytes: number) => void): Promise<BlockReply> {
    const headers: Record<string, string> = { Accept: "application/vnd.ipld.raw", ...credentials(cred) };
    const started = performance.now();
    let first = 0;
    const { data, response } = await this.bytes(`/ipfs/${cid}?format=raw`, headers, MAX_BLOCK, signal, (n) => {
      first ||= performance.now() - started;
      moved?.(n);
    });
    if (!(await cid.fits(data))) throw new CorruptError(`${this.endpoint} sent bytes that are not ${cid}`);
    const paid = parsePaid(response.headers.get("Stream-Paid"));
    return { data, first: first || performance.now() - started, ...(paid ? { paid } : {}) };
  }

  /** Fetches a CAR of a trustless gateway, at most so many bytes. Its blocks are not verified. */
  async car(cid: CID, path: string[], query: string, most: number, cred: Credentials = {}, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const target = `/ipfs/${[cid.text, ...path.map(encodeURIComponent)].join("/")}?format=car${query && `&${query}`}`;
    return (await this.bytes(target, { Accept: "application/vnd.ipld.car; version=1; order=dfs", ...credentials(cred) }, most, signal)).data;
  }

  private async bytes(
    target: string, headers: Record<string, string>, most: number, signal: AbortSignal | undefined, moved?: (bytes: number) => void,
  ): Promise<{ data: Uint8Array<ArrayBuffer>; response: Response }> {
    return this.watched(signal, async (inner, alive) => {
      const response = await this.fetcher(this.endpoint + target, { headers, signal: inner, credentials: "omit", referrerPolicy: "no-referrer", redirect: "error" });
      alive();
      if (!response.ok) throw await problemOf(response);
      const parts: Uint8Array[] = [];
      let n = 0;
      if (response.body) {
        const reader = response.body.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          alive();
          n += value.length;
          if (n > most) {
            await reader.cancel();
            throw new CorruptError(`${this.endpoint} sends more than the ${most} bytes that were asked for`);
          }
          parts.push(value);
          moved?.(n);
        }
      }
      return { data: concat(...parts), response };
    });
  }

  /** Runs a request that is given up when it is silent for STALL. */
  private async watched<T>(signal: AbortSignal | undefined, f: (signal: AbortSignal, alive: () => void) => Promise<T>): Promise<T> {
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => own.abort(signal?.reason);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => own.abort(new StalledError(`${this.endpoint} stopped answering`)), STALL);
    };
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener("abort", stop, { once: true });
    alive();
    try {
      return await f(own.signal, alive);
    } catch (e) {
      if (signal?.aborted) throw signal.reason;
      if (own.signal.aborted) throw own.signal.reason;
      if (e instanceof NodeProblem || e instanceof CorruptError) throw e;
      throw new UnreachableError(`${this.endpoint}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Asks the node to open a lane, a session, or both. */
  openSession(request: { lane?: LaneJSON; session?: SessionJSON }, signal?: AbortSignal): Promise<OpenResponse> {
    return this.json("POST", "/v1/sessions", request, signal, 30_000);
  }

  /** What the node knows of a session. */
  session(id: Uint8Array, signal?: AbortSignal): Promise<OpenResponse> {
    return this.json("GET", `/v1/sessions/${toHex(id)}`, undefined, signal);
  }

  /** Sends a word without asking for bytes. */
  pay(id: Uint8Array, n: number, word: string, signal?: AbortSignal): Promise<OpenResponse> {
    return this.json("POST", `/v1/sessions/${toHex(id)}/pay`, { n, word }, signal);
  }

  /** Tells the node that no more ticks come, with the newest word that is to be settled. */
  async closeSession(id: Uint8Array, last?: { n: number; word: string }, signal?: AbortSignal): Promise<void> {
    await this.json("DELETE", `/v1/sessions/${toHex(id)}`, last, signal);
  }

  /** Asks a holder for its answers for windows; proof is a Stream-Auth whose nonce is keysNonce. */
  keys(request: KeysRequest, proof: string | undefined, signal?: AbortSignal): Promise<KeysResponse> {
    return this.json("POST", "/v1/keys", request, signal, 10_000, proof ? { "Stream-Auth": proof } : {});
  }

  /** How much of a piece the node has: 0 where nothing, or where it refuses, which the upload then says. */
  async uploadOffset(piece: Uint8Array, proof: string, signal?: AbortSignal): Promise<number> {
    return this.watched(signal, async (inner) => {
      const r = await this.fetcher(`${this.endpoint}/v1/uploads/${toHex(piece)}`, { method: "HEAD", headers: { "Stream-Upload": proof }, signal: inner, credentials: "omit" });
      const offset = Number(r.headers.get("Upload-Offset") ?? 0);
      return r.ok && Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
    });
  }

  /** Sends a part of a piece's CAR that begins at offset. */
  async upload(
    piece: Uint8Array, proof: string, part: Uint8Array<ArrayBuffer>, offset: number, size: number, signal?: AbortSignal,
  ): Promise<{ complete: boolean; offset: number }> {
    const headers: Record<string, string> = { "Stream-Upload": proof, "Content-Type": "application/vnd.ipld.car" };
    if (offset > 0 || part.length < size) headers["Content-Range"] = `bytes ${offset}-${offset + part.length - 1}/${size}`;
    // a node that verifies a whole piece takes its time: no stall is counted here
    let response: Response;
    try {
      response = await this.fetcher(`${this.endpoint}/v1/uploads/${toHex(piece)}`, { method: "PUT", headers, body: part, signal: signal ?? null, credentials: "omit" });
    } catch (e) {
      signal?.throwIfAborted();
      throw new UnreachableError(`${this.endpoint}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    }
    if (!response.ok) throw await problemOf(response);
    const state = (await response.json()) as { complete?: boolean; offset?: string };
    return { complete: state.complete === true, offset: Number(state.offset ?? 0) };
  }

  private async json<T>(method: string, path: string, body: unknown, signal?: AbortSignal, patience = STALL, headers: Record<string, string> = {}): Promise<T> {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(new StalledError(`${this.endpoint} did not answer for ${patience / 1000} s`)), patience);
    const stop = () => own.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const response = await this.fetcher(this.endpoint + path, {
        method, signal: own.signal, credentials: "omit", referrerPolicy: "no-referrer", redirect: "error",
        headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await problemOf(response);
      const text = await response.text();
      if (text.length > MAX_JSON) throw new UnreachableError(`${this.endpoint}${path} answered too much`);
      return (text === "" ? {} : JSON.parse(text)) as T;
    } catch (e) {
      if (own.signal.aborted) throw own.signal.reason;
      if (e instanceof NodeProblem || e instanceof UnreachableError) throw e;
      throw new UnreachableError(`${this.endpoint}${path}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

function credentials(c: Credentials): Record<string, string> {
  return { ...(c.proof ? { "Stream-Auth": c.proof } : {}), ...(c.pay ? { "Stream-Pay": c.pay } : {}) };
}

async function problemOf(response: Response): Promise<NodeProblem> {
  return NodeProblem.read(response.status, (await response.text()).slice(0, 64 << 10), response.headers.get("Retry-After"));
}

