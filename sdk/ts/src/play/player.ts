import { addressBytes, concat, toHex } from "../media/bytes.js";
import { CID } from "../media/cid.js";
import { CiphertextError, PlaylistError } from "../media/errors.js";
import { DagError } from "../media/dagpb.js";
import { ivOf, oneVariant, parseRendition, pickVariant, type Rendition, secondsOf, type Segment, windowOf, withoutKeys, folderOf } from "../media/playlist.js";
import { cipherRange, decryptRange, OVERHEAD, plainSize, RECORD } from "../media/record.js";
import { decryptSegment } from "../media/segment.js";
import { parseWorkId } from "../manifest/index.js";
import { CorruptError, NodeProblem, NoNodeError, NoSuchFileError, StalledError, UnreachableError } from "../node/errors.js";
import { Fetcher } from "../node/fetcher.js";
import { type Admit, FinalError, type Node, NodePool, type Request, type Score, SILENCE } from "../node/pool.js";
import { seek } from "../node/seek.js";
import { authHeader } from "../node/wire.js";
import { Budget, Device, type LaneRow, Mutex, spentOf } from "./device.js";
import {
  AuthorizationError, ChainError, MeteredFileError, NoKeySetError, NotEntitledError, PaymentRequiredError, PayMoreError, SeveralFilesError, SpendLimitError,
  TimeLimitError, TooFewHoldersError,
} from "./errors.js";
import { Keyring } from "./keyring.js";
import { Payer } from "./payer.js";
import { memoryStore, type PlayStore } from "./store.js";
import { type Authorization, type Decision, type Metered, type WorkInfo } from "./types.js";
import { indexed, isDenied, MAX_LISTED, MemoryBlocks, typeOf } from "./helpers.js";
import { type Loaded, type Meter, type Mode, type PauseReason, type PlayerEvents, type PlayerOptions, type Result } from "./options.js";
import { ProofsOfUse } from "./use.js";

/** How long nodes may take to say who they are, and how long the others have once the first has answered, in ms. */
const PATIENCE = 3000, GRACE = 250;
const PROOF_SECONDS = 240, KEY_SECONDS = 30 * 24 * 3600;
const MAX_PLAYLIST = 4 << 20, MAX_SEGMENT = 256 << 20, MAX_FREE = 16 << 20, MAX_FILE = 2 ** 40;
/** The longest that a block of a segment may take before another node is asked beside the first, in ms. */
const LATEST = 3000;
const MAX_FOLDERS = 8;
/** One work that is watched, in whatever order its viewer wants. Open it, give `hlsConfig` to hls.js or read files, close it. */
export class Player {
  readonly root: string;
  readonly version: string;
  readonly kind: string;
  readonly durationSeconds: number;
  /** it has a playlist; else it is files */
  playable = false;
  private mode: Mode = "none";
  private metered: Metered | undefined;
  private readonly media: CID;
  private readonly encrypted: boolean;
  private readonly windowSeconds: number;
  private readonly pool: NodePool;
  private readonly fetcher: Fetcher;
  private device: Device | undefined;
  private budget: Budget | undefined;
  private keyring: Keyring | undefined;
  private uses: ProofsOfUse | undefined;
  private release: (() => void) | undefined;
  private readonly payers = new Map<string, Payer>();
  private readonly proofs = new Map<string, { header: string; until: number }>();
  private readonly paying = new Mutex();
  private readonly preparing = new Mutex();
  private readonly renditions = new Map<string, Rendition>();
  private readonly listeners = new Map<keyof PlayerEvents, Set<(e: never) => void>>();
  private readonly delivered = new Set<string>();
  private seconds = 0;
  private bytes = 0;
  private node = "";
  private maxSeconds: number;
  private skew = 0;
  private pause: { reason: PauseReason; error: Error; over: Promise<void>; end: () => void; waiting: number } | undefined;
  private element: { currentTime: number } | undefined;
  private readonly closed = new AbortController();

  private constructor(private readonly o: PlayerOptions, private readonly store: PlayStore, head: WorkInfo, rootWork: WorkInfo, private readonly decision: Decision, past: Record<string, Score>) {
    this.root = rootWork.cid;
    this.version = head.cid;
    this.kind = head.kind;
    this.durationSeconds = head.durationSeconds;
    this.media = CID.parse(head.media);
    this.encrypted = head.keys !== undefined && rootWork.keys !== undefined;
    this.windowSeconds = this.encrypted ? head.keys!.windowSeconds : 0;
    this.maxSeconds = o.maxSeconds ?? Infinity;
    this.pool = new NodePool(past, (b) => this.emit("blame", b));
    this.fetcher = new Fetcher(this.pool, { cache: new MemoryBlocks(), refresh: () => this.seek(PATIENCE) });
  }

  /** Asks the chain what the work is and whether the viewer may watch it, and finds nodes. WorkNotFoundError, ChainError, NoNodeError, BusyError, AuthorizationError. */
  static async open(o: PlayerOptions): Promise<Player> {
    const named = await o.chain.work(o.work);
    const rootWork = named.root === named.cid ? named : await o.chain.work(named.root);
    const head = rootWork.head === rootWork.cid ? rootWork : await o.chain.work(rootWork.head);
    const decision = await o.chain.access(rootWork.cid, o.viewer?.address);
    const store = o.store ?? memoryStore();
    const past = JSON.parse((await store.get("nodes")) ?? "{}") as Record<string, Score>;
    const p = new Player(o, store, head, rootWork, decision, past);
    try {
      await p.begin(rootWork);
      return p;
    } catch (e) {
      await p.close();
      throw e;
    }
  }

  private async begin(rootWork: WorkInfo): Promise<void> {
    const d = this.decision, { viewer } = this.o;
    if (d.granted) this.mode = d.by === "free" ? "free" : "granted";
    else if (d.metered && viewer && (this.o.maxSpend ?? 0n) > 0n) this.mode = "metered";
    else if (d.metered && d.metered.previewSeconds > 0) this.mode = "preview";
    if (!d.granted) this.metered = d.metered;
    const { block } = await this.o.chain.now();
    // a device whose clock is wrong signs proofs that nobody takes
    const off = block - Date.now() / 1000;
    if (Math.abs(off) > 90) this.skew = off;
    if (viewer && this.mode !== "none" && this.mode !== "preview") {
      this.device = await Device.open(this.store, this.o.chain.chainId, viewer.address);
      this.budget = await Budget.open(this.device, this.root, this.o.maxSpend ?? 0n);
    }
    if (this.mode === "metered") this.release = await this.device!.lock();
    if (this.mode === "granted") await this.authorize(0n);
    if (this.mode === "metered") this.pool.prefer(await this.lastPaid());
    await this.findNodes();
    if (this.encrypted) await this.openKeyring(rootWork);
    if (this.device && !this.o.private && this.mode !== "metered" && d.by !== "creator") {
      this.uses = await ProofsOfUse.open({ chain: this.o.chain, device: this.device, root: this.root, pass: d.pass, seconds: rootWork.durationSeconds });
    }
    try {
      await this.fetcher.find(this.media, ["master.m3u8"], { admit: this.granted });
      this.playable = true;
    } catch (e) {
      if (!(e instanceof NoSuchFileError)) throw e;
    }
  }

  private async openKeyring(rootWork: WorkInfo): Promise<void> {
    const media = this.media.text, device = this.device;
    const terms = { window: rootWork.keys!.windowSeconds, duration: rootWork.durationSeconds, ...(this.metered ? { metered: this.metered } : {}) };
    this.keyring = new Keyring({
      holders: {
        chain: this.o.chain, root: this.root, c0: rootWork.keys!.c0, now: () => this.now(), ...(this.o.fetch ? { fetch: this.o.fetch } : {}),
        ...(device && this.mode !== "free" ? { device } : {}),
      },
      terms, pool: this.pool, ...(this.mode === "metered" ? { payer: (n: Node) => this.payer(n) } : {}),
      saved: device ? await device.keys(media) : {},
      save: async (keys) => {
        await device?.saveKeys(media, keys);
      },
      told: () => this.tell(),
    });
  }

  /** Unix seconds as nodes have them. */
  private now(): number {
    return Date.now() / 1000 + this.skew;
  }

  private async findNodes(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.seek(PATIENCE, resolve).then(resolve, reject);
    });
    if (this.pool.size > 0) await new Promise((r) => setTimeout(r, GRACE));
    if (this.pool.size === 0) throw new NoNodeError();
  }

  private async seek(patience: number, found?: () => void): Promise<void> {
    let holders = this.o.holders ?? [];
    try {
      holders = [...(await this.o.chain.holders(this.version)), ...holders];
    } catch (e) {
      // those that an index named are verified by what they give
      if (holders.length === 0) throw e;
    }
    holders = holders.filter((h) => !this.pool.has(h.operator));
    await seek(holders, this.o.chain.chainId, patience, (n) => {
      this.pool.add(n);
      found?.();
    }, this.o.fetch);
  }

  /** The lanes of this device that are open with holders of the work. */
  private async lanes(): Promise<{ operator: string; lane: LaneRow }[]> {
    const { live } = await this.o.chain.now(), out: { operator: string; lane: LaneRow }[] = [];
    for (const { operator } of await this.o.chain.holders(this.version)) {
      const lane = await this.device!.lane(operator);
      if (lane && lane.expires > live) out.push({ operator, lane });
    }
    return out;
  }

  /** The operator with a lane that is open and a session of this work in it. */
  private async lastPaid(): Promise<string> {
    let operator = "", latest = 0;
    for (const l of await this.lanes()) if (l.lane.expires > latest && l.lane.sessions.some((s) => s.work === this.root)) [operator, latest] = [l.operator, l.lane.expires];
    return operator;
  }

  /** Has the wallet sign now what playing will take, so that it is not asked in the middle: the session key, and for who pays by the tick a deposit. */
  async prepare(): Promise<void> {
    if (this.mode !== "metered") return;
    // no more than all of the work costs, less what lanes of an earlier run hold; a lane has a least size, also where the viewer allows less
    const { minLaneCap, openFee } = await this.o.chain.laneParams(), { pricePerTick, tickSeconds } = this.metered!, { left } = this.budget!;
    const all = BigInt(Math.ceil(this.durationSeconds / tickSeconds) + 2) * pricePerTick + openFee, least = minLaneCap + openFee;
    const held = (await this.lanes()).reduce((sum, { lane }) => sum + BigInt(lane.cap) - spentOf(lane), 0n);
    const need = (left < all ? left : all) - held;
    await this.authorize(need > least ? need : least);
  }

  /** Makes sure that the session key is granted and, for need > 0, that it may reserve need and that the escrow holds need. */
  private authorize(need: bigint): Promise<void> {
    return this.preparing.run(async () => {
      const { chain, viewer } = this.o, device = this.device!;
      const what: Authorization = {}, pays = need > 0n, { live } = await chain.now();
      const key = await chain.sessionKey(viewer!.address, toHex(device.pubkey));
      const good = key && !key.revoked && key.expires >= live + 3600 && key.available >= need && (pays ? key.payment : key.access);
      const most = this.budget!.limit > need ? this.budget!.limit : need;
      if (!good) {
        // room for this run beside what the key has spent and reserved in a day; one that only shows who is asking cannot spend anything
        const used = key && !key.revoked ? key.limit - key.available : 0n;
        const limit = pays ? used + 2n * most : key && !key.revoked ? key.limit : 0n;
        what.grant = { pubkey: device.pubkey, limit, expires: live + KEY_SECONDS, scope: limit > 0n ? "payment-and-access" : "access" };
      }
      if (pays) {
        const free = await chain.escrowFree(viewer!.address);
        if (free < need) {
          const { minDeposit } = await chain.laneParams();
          // what the viewer allowed at once, so that the wallet is asked once; what is not spent can be withdrawn
          const want = this.budget!.left > need ? this.budget!.left : need;
          what.deposit = want - free > minDeposit ? want - free : minDeposit;
          what.least = need - free > minDeposit ? need - free : minDeposit;
        }
      }
      if (!what.grant && what.deposit === undefined) return;
      try {
        await viewer!.authorize(what);
      } catch (e) {
        throw new AuthorizationError(e);
      }
    });
  }

  private payer(node: Node): Payer {
    let p = this.payers.get(node.operator);
    if (!p) {
      addressBytes(node.operator);
      p = new Payer(node, {
        chain: this.o.chain, device: this.device!, budget: this.budget!, root: this.root, metered: this.metered!, prepare: (need) => this.authorize(need), told: () => this.tell(),
      });
      this.payers.set(node.operator, p);
    }
    return p;
  }

  /** The Admit of who has a right to the work, or needs none. */
  private readonly granted: Admit = async (leg, get) => {
    const pay = await this.uses?.header(leg.node);
    if (this.mode !== "granted") return get(pay ? { pay } : {});
    for (let again = false; ; again = true) {
      try {
        return await get({ proof: this.proof(leg.node.operator, again), ...(pay ? { pay } : {}) });
      } catch (e) {
        if (again || !(e instanceof NodeProblem) || e.slug !== "auth-expired") throw e;
      }
    }
  };

  private proof(operator: string, anew: boolean): string {
    const old = this.proofs.get(operator);
    if (old && !anew && Date.now() < old.until) return old.header;
    const device = this.device!;
    const header = authHeader({ owner: device.account, secret: device.secret }, this.o.chain.chainId, operator, parseWorkId(this.root), "GET", Math.floor(this.now()) + PROOF_SECONDS);
    this.proofs.set(operator, { header, until: Date.now() + (PROOF_SECONDS * 1000) / 2 });
    return header;
  }

  /** Whether bytes of a segment are paid to the node. */
  private isPaid(s: Segment): boolean {
    return this.metered !== undefined && s.start >= this.metered.previewSeconds * 1000;
  }

  private request(r: Rendition, s: Segment, signal: AbortSignal): Request {
    const within = Math.min(Math.max(s.end - s.start, SILENCE), LATEST);
    if (!this.isPaid(s)) return { admit: this.granted, within, signal };
    const rest = secondsOf(r) - s.start / 1000;
    return {
      within, signal, sole: true,
      admit: (leg, get, legSignal) => this.payer(leg.node).fetch(leg, s, rest, (pay) => get({ pay }), legSignal),
    };
  }

  private async get(path: string, limit: number, req: Request): Promise<Uint8Array<ArrayBuffer>> {
    const cid = await this.fetcher.find(this.media, path.split("/"), { admit: this.granted, ...(req.signal ? { signal: req.signal } : {}) });
    const got = await this.fetcher.read(cid, limit, req);
    this.count(got.from, got.data.length);
    return got.data;
  }

  private count(from: Map<string, number>, bytes: number): void {
    this.bytes += bytes;
    const [best] = [...from].sort((a, b) => b[1] - a[1]);
    if (best && best[0] !== this.node) {
      this.node = best[0];
      this.emit("node", { operator: this.node });
    }
    this.lastFrom = best?.[0] ?? this.lastFrom;
  }

  private lastFrom = "";

  /** Segment i, decrypted. Where it is paid for, holders come first: nobody pays a node for what nobody opens. */
  private async segment(r: Rendition, i: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const s = r.segments[i]!, paid = this.isPaid(s);
    if (!this.delivered.has(s.path) && this.seconds + (s.end - s.start) / 1000 > this.maxSeconds) throw new TimeLimitError(this.maxSeconds);
    if ((paid && this.mode !== "metered") || this.mode === "none") throw new PaymentRequiredError(this.decision.offers);
    const run = async (): Promise<Uint8Array<ArrayBuffer>> => {
      signal.throwIfAborted();
      // what is paid for is fetched to its end, whoever waits for it: it is there when it is wanted again
      const req = this.request(r, s, paid ? this.closed.signal : signal);
      if (!s.key) return this.get(s.path, MAX_SEGMENT, req);
      const want = this.keyring!.want(r, i, i), key = this.keyring!.key(want);
      key.catch(() => undefined); // it is looked at below
      if (this.keyring!.costs(want)) await key;
      const [, end] = windowOf(r, i);
      // keys that cost nothing are asked for a window ahead; those that are paid for when they are wanted
      if (!this.metered && r.segments[end]?.key) void this.keyring!.key(this.keyring!.want(r, i, end)).catch(() => undefined);
      const sealed = await this.get(s.path, MAX_SEGMENT, req);
      return decryptSegment(sealed, await key, ivOf(s));
    };
    // a word pays all before it: what is paid for comes one after the other
    const data = await (this.mode === "metered" ? this.paying.run(run) : run());
    if (!this.delivered.has(s.path)) {
      this.delivered.add(s.path);
      this.seconds += (s.end - s.start) / 1000;
    }
    this.uses?.watched(s, this.lastFrom);
    this.tell();
    return data;
  }

  /**
   * A file of the work as a player takes it: a playlist without keys and, where each second is paid, with one quality; a segment, decrypted; what is free. It
   * waits where a limit, the wallet, nodes or the chain stop it (`paused`), and fails only where waiting does not help: DagError, PlaylistError,
   * CiphertextError, NoSuchFileError, NotEntitledError.
   */
  async load(path: string, signal: AbortSignal = this.closed.signal): Promise<Loaded> {
    return { path, type: typeOf(path), data: await this.persist(() => this.loadOnce(path, signal), signal) };
  }

  private async loadOnce(path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const text = async () => new TextDecoder().decode(await this.get(path, MAX_PLAYLIST, { admit: this.granted, signal }));
    const encode = (s: string) => new TextEncoder().encode(s);
    if (path === "master.m3u8") {
      const master = await text();
      return encode(this.metered ? oneVariant(master, pickVariant(master, this.o.quality ?? "auto")) : master);
    }
    const folder = folderOf(path);
    if (path.endsWith(".m3u8") && folder !== "captions") {
      const playlist = await text();
      this.renditions.set(folder, parseRendition(path, playlist, this.windowSeconds));
      return encode(withoutKeys(playlist));
    }
    const r = this.renditions.get(folder), i = r?.segments.findIndex((s) => s.path === path) ?? -1;
    if (r && i >= 0) {
      await this.near(r, i, signal);
      return this.segment(r, i, signal);
    }
    return this.get(path, MAX_FREE, { admit: this.granted, signal });
  }

  /** Tells where the viewer is: paid segments are fetched at most a key window ahead of that. */
  attach(element: { currentTime: number } | undefined): void {
    this.element = element;
  }

  /** Waits until a paid segment is no further ahead than a window. */
  private async near(r: Rendition, i: number, signal: AbortSignal): Promise<void> {
    const s = r.segments[i]!, ahead = this.windowSeconds || 20;
    while (this.element && this.isPaid(s) && !this.delivered.has(s.path) && s.start / 1000 > this.element.currentTime + ahead) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private async persist<T>(f: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let again = 0; ; ) {
      this.closed.signal.throwIfAborted();
      signal.throwIfAborted();
      try {
        return await f();
      } catch (thrown) {
        signal.throwIfAborted();
        this.closed.signal.throwIfAborted();
        const e = (thrown instanceof FinalError ? thrown.reason : thrown) as Error;
        const why = this.why(e);
        if (!why) throw e;
        if (why.soon && again < 5) {
          again++;
          this.emit("waiting", { error: e, again });
          await this.until(new Promise((r) => setTimeout(r, 500 * 2 ** again)), signal);
          continue;
        }
        again = 0;
        await this.hold(why.reason, e, signal);
      }
    }
  }

  /** Waits until it is told to go on. While nobody waits nothing is paused: who goes back to what is paid is not held up. */
  private async hold(reason: PauseReason, error: Error, signal: AbortSignal): Promise<void> {
    let p = this.pause;
    if (!p) {
      let end: () => void = () => undefined;
      const over = new Promise<void>((r) => (end = r));
      this.pause = p = { reason, error, over, end, waiting: 0 };
      this.emit("paused", { reason, error });
    }
    p.waiting++;
    try {
      await this.until(p.over, signal);
    } finally {
      if (--p.waiting === 0 && this.pause === p) this.resume();
    }
  }

  private async until(p: Promise<unknown>, signal: AbortSignal): Promise<void> {
    await Promise.race([p, new Promise<never>((_, reject) => {
      for (const s of [signal, this.closed.signal]) s.addEventListener("abort", () => reject(s.reason), { once: true });
    })]);
  }

  /** What an error means for who waits; undefined where waiting does not help. */
  private why(e: Error): { reason: PauseReason; soon: boolean } | undefined {
    if (e instanceof SpendLimitError) return { reason: "spend-limit", soon: false };
    if (e instanceof TimeLimitError) return { reason: "time-limit", soon: false };
    if (e instanceof PaymentRequiredError) return { reason: "payment", soon: false };
    if (e instanceof AuthorizationError) return { reason: "wallet", soon: false };
    if (e instanceof TooFewHoldersError || e instanceof NoKeySetError || e instanceof PayMoreError) return { reason: "keys", soon: true };
    if (e instanceof ChainError) return { reason: "chain", soon: true };
    if (e instanceof NodeProblem && e.slug === "payment-required") return { reason: "payment", soon: false };
    if (e instanceof NoNodeError) {
      return isDenied(e) ? { reason: "payment", soon: false } : { reason: "nodes", soon: true };
    }
    if (e instanceof NodeProblem || e instanceof StalledError || e instanceof UnreachableError || e instanceof CorruptError) return { reason: "nodes", soon: true };
    if (e instanceof DagError || e instanceof PlaylistError || e instanceof CiphertextError || e instanceof NoSuchFileError || e instanceof NotEntitledError) return undefined;
    return undefined;
  }

  /** Why nothing comes; undefined while something does. */
  get paused(): { reason: PauseReason; error: Error } | undefined {
    return this.pause && { reason: this.pause.reason, error: this.pause.error };
  }

  /** Goes on after a pause. */
  resume(): void {
    const p = this.pause;
    if (!p) return;
    this.pause = undefined;
    p.end();
    this.emit("resumed", undefined);
  }

  /** Sets other limits of this run, and goes on. */
  raise(limits: { maxSpend?: bigint; maxSeconds?: number }): void {
    if (limits.maxSpend !== undefined && this.budget) this.budget.limit = limits.maxSpend;
    if (limits.maxSeconds !== undefined) this.maxSeconds = limits.maxSeconds;
    this.tell();
    this.resume();
  }

  /** The files of a work that has no playlist, by their paths. */
  async files(): Promise<string[]> {
    // its index is open to all, where files are not
    const index = await this.get("index.json", MAX_FREE, { admit: this.granted }).then((b) => indexed(b), () => undefined);
    if (index) return index;
    const out: string[] = [];
    let listed = 0;
    const walk = async (cid: CID, at: string): Promise<void> => {
      if (++listed > 2 * MAX_LISTED || out.length > MAX_LISTED || at.split("/").length > MAX_FOLDERS) throw new DagError("the work has too many files or folders to list");
      try {
        for (const l of await this.fetcher.list(cid, { admit: this.granted })) {
          const path = at === "" ? l.name : `${at}/${l.name}`;
          if (l.cid.codec === 0x55) out.push(path);
          else await walk(l.cid, path);
        }
      } catch (e) {
        // folders are open to all: what is refused is a file
        if ((!isDenied(e) && !(e instanceof DagError && e.message.endsWith("is no directory"))) || at === "") throw e;
        out.push(at);
      }
    };
    await walk(this.media, "");
    return out;
  }

  /**
   * A file of the work, decrypted and verified, or its bytes from to to. Without a path it is the one file of a work that has no playlist.
   * SeveralFilesError, MeteredFileError, PaymentRequiredError, NoSuchFileError.
   */
  async fetchFile(path?: string, options: { from?: number; to?: number; signal?: AbortSignal } = {}): Promise<Loaded & { size: number }> {
    const f = await this.openFile(path, options.signal);
    const from = options.from ?? 0, to = Math.min(options.to ?? f.size, f.size);
    const data = await this.admitted(async () => {
      if (!f.key) return (await this.fetcher.read(f.cid, MAX_FILE, f.req, { from, to })).data;
      if (f.size > 0 && from >= to) return new Uint8Array(0);
      const [a, b] = f.size === 0 ? [0, OVERHEAD] : cipherRange(f.size, from, to);
      return decryptRange(f.size, from, to, (await this.fetcher.read(f.cid, MAX_FILE, f.req, { from: a, to: b })).data, f.key);
    });
    this.bytes += data.length;
    this.tell();
    return { path: f.path, data, size: f.size, type: typeOf(f.path) };
  }

  /** The same in parts, for files that do not fit into memory. */
  async *streamFile(path?: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const f = await this.openFile(path, signal);
    const whole = RECORD + OVERHEAD;
    let rest = new Uint8Array(0), record = 0;
    for await (const part of this.fetcher.stream(f.cid, MAX_FILE, f.req)) {
      this.bytes += part.length;
      if (!f.key) {
        yield part;
        continue;
      }
      rest = concat(rest, part);
      for (; rest.length >= whole; record++) {
        yield await decryptRange(f.size, record * RECORD, Math.min((record + 1) * RECORD, f.size), rest.slice(0, whole), f.key);
        rest = rest.slice(whole);
      }
    }
    if (f.key && rest.length > 0) yield await decryptRange(f.size, record * RECORD, f.size, rest, f.key);
  }

  private async openFile(path: string | undefined, signal: AbortSignal | undefined) {
    const req: Request = { admit: this.granted, within: LATEST, ...(signal ? { signal } : {}) };
    if (path === undefined) {
      const names = (await this.files()).filter((n, _, all) => all.length === 1 || n !== "index.json");
      if (names.length !== 1) throw new SeveralFilesError(names);
      path = names[0]!;
    }
    const clean = path.split("/").filter((n) => n !== "").join("/");
    const cid = await this.fetcher.find(this.media, clean.split("/"), req);
    const sealed = this.encrypted && !this.playable && clean !== "index.json";
    if (sealed && this.mode !== "granted" && this.mode !== "free") throw this.metered ? new MeteredFileError() : new PaymentRequiredError(this.decision.offers);
    const size = await this.admitted(() => this.fetcher.size(cid, req));
    const plain = sealed ? plainSize(size) : size;
    return { path: clean, cid, size: plain, req, key: sealed ? this.keyring!.ofFile(clean, plain) : undefined };
  }

  /** Says in a viewer's words what nodes refuse. */
  private async admitted<T>(f: () => Promise<T>): Promise<T> {
    try {
      return await f();
    } catch (e) {
      if (isDenied(e) && this.mode !== "granted") throw this.metered ? new MeteredFileError() : new PaymentRequiredError(this.decision.offers);
      throw e;
    }
  }

  /** What it takes to watch, where the viewer has no right. */
  get offers(): Decision["offers"] {
    return this.decision.offers;
  }

  /** What was paid and got so far. */
  get meter(): Meter {
    const b = this.budget;
    return {
      mode: this.mode, grantedBy: this.decision.granted ? this.decision.by : this.mode === "metered" ? "metered" : "", ticks: b?.ticks ?? 0, spent: b?.spent ?? 0n,
      spentBefore: b?.spentBefore ?? 0n, limit: b?.limit ?? 0n, seconds: this.seconds, bytes: this.bytes, node: this.node || this.pool.best, blamed: this.pool.blamed,
      windows: this.keyring?.opened ?? 0, threshold: this.keyring?.holders.threshold ?? 0, holders: this.keyring?.holders.count ?? 0,
    };
  }

  on<K extends keyof PlayerEvents>(type: K, f: (e: PlayerEvents[K]) => void): () => void {
    let all = this.listeners.get(type);
    if (!all) this.listeners.set(type, (all = new Set()));
    all.add(f as (e: never) => void);
    return () => void all.delete(f as (e: never) => void);
  }

  private emit<K extends keyof PlayerEvents>(type: K, e: PlayerEvents[K]): void {
    for (const f of this.listeners.get(type) ?? []) (f as (e: PlayerEvents[K]) => void)(e);
  }

  private tell(): void {
    if (this.listeners.has("meter")) this.emit("meter", this.meter);
  }

  /** Ends the run: sessions are closed, so that nodes settle and the rest returns to the escrow. Whoever stops in between opens it again and goes on. */
  async close(): Promise<Result> {
    this.closed.abort(new DOMException("the player was closed", "AbortError"));
    this.pause?.end();
    // a dead node is not waited for: it settles by itself later, it holds the words
    const patience = new Promise((r) => setTimeout(r, PATIENCE));
    await Promise.race([Promise.allSettled([...this.payers.values()].map((p) => p.finish())), patience]);
    const proved = (await this.uses?.finish(PATIENCE)) ?? 0;
    await this.remember().catch(() => undefined); // a hint for the next run, nothing that this one could fail for
    this.release?.();
    this.release = undefined;
    return { ...this.meter, stats: this.pool.stats, liars: [...(this.keyring?.holders.liars ?? [])], proved };
  }

  private async remember(): Promise<void> {
    const old = JSON.parse((await this.store.get("nodes")) ?? "{}") as Record<string, Score>;
    const all = Object.entries({ ...old, ...this.pool.scores }).sort((a, b) => b[1].seen - a[1].seen).slice(0, 200);
    await this.store.set("nodes", JSON.stringify(Object.fromEntries(all)));
  }
}
