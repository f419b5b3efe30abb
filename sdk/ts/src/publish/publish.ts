import type { OfferWord } from "../actions/creator.js";
import type { ChainClient, TxResult } from "../chain/client.js";
import { StreamError } from "../core/errors.js";
import { creatorId } from "../core/ids.js";
import type { Msg } from "../core/msg.js";
import type { KeySet } from "../gen/streamchain/storage/v1/keyset.js";
import type { Provider } from "../gen/streamchain/storage/v1/provider.js";
import { addressBytes, fromHex, random, toHex } from "../media/bytes.js";
import { CID } from "../media/cid.js";
import { Blocks, buildFile, buildFolder, type Entry, type Source } from "../media/unixfs.js";
import { FOR_HOLDER, seal, Secret, shareContext, SUITE } from "../keyshare/index.js";
import { commitment, type Manifest, validate, validateTexts, workId } from "../manifest/index.js";
import { NodeClient } from "../node/client.js";
import { type NodeInfo } from "../node/wire.js";
import type { Wallet } from "../wallet/wallet.js";
import { PublishError } from "./errors.js";
import { digestOf, kindOfFile, plainFolder } from "./files.js";
import { type Car, carOf } from "./piece.js";
import { uploadTo, UploadProof } from "./upload.js";

const WINDOW_SECONDS = 20, MAX_DRAWS = 3, LOOK = 500;
const GIB = 1n << 30n, DAY = 86_400n, NANO = 1_000_000_000n;
/** How long nodes may take to accept, and how long the others have once the first has, in ms. */
const ACCEPT = 60_000, OTHERS = 10_000;

/** What a person says of a work. */
export interface Terms {
  title: string;
  description?: string;
  /** BCP 47 */
  language?: string;
  /** SPDX expression, or LicenseRef- and a name */
  licence: string;
  kind?: string;
  tags?: string[];
  /** for an account that is no creator yet */
  handle?: string;
  /** the version that this one replaces */
  previous?: string;
  parents?: { work: string; bps: number }[];
  /** seconds of playing time of what plays */
  durationSeconds?: number;
  offers: OfferWord[];
  /** leave what is sold readable by who runs a storage node */
  noEncrypt?: boolean;
  /** nodes that shall keep it; 3 unless told */
  copies?: number;
  /** storage that is paid ahead; 30 unless told */
  days?: number;
}

/** What a stopped run leaves for the next: keep it, for an encrypted work as a secret, until publishing has ended. JSON. */
export interface PublishState {
  salt: string;
  /** of the file and the account: another one is another work */
  of: string;
  committed?: boolean;
  work?: string;
  tx?: string;
  height?: number;
  c0?: string;
  /** of an encrypted work, until its holders have their shares */
  secret?: string;
  sold?: boolean;
}

export interface Progress {
  /** reading, packing, asking, signing, upload, nodes accept, holders accept, done */
  stage: string;
  done: number;
  total: number;
  /** the node of an upload */
  node?: string;
}

export interface PublishOptions {
  client: ChainClient;
  wallet: Wallet;
  terms: Terms;
  /** shown before the work is paid for, a picture of at most 8 MiB */
  cover?: Source;
  state?: PublishState;
  /** Keeps the state. It keeps its promise when the state is safe. */
  save?: (s: PublishState) => Promise<void>;
  progress?: (p: Progress) => void;
  signal?: AbortSignal;
  fetch?: typeof fetch;
  /** Asked once everything is known and before anything is paid; false stops. */
  confirm?: (q: Quote) => Promise<boolean> | boolean;
}

/** What publishing takes. Amounts are in base units. */
export interface Quote {
  work: string;
  creator: string;
  kind: string;
  bytes: number;
  /** returned when the work is retired */
  deposit: bigint;
  /** for storage, ahead */
  storage: bigint;
  encrypted: boolean;
  copies: { operator: string; endpoint: string; pricePerGibDay: bigint }[];
}

export interface Published {
  work: string;
  root: string;
  creator: string;
  tx: string;
  height: number;
  bytes: number;
  encrypted: boolean;
  copies: { operator: string; status: "accepted" | "requested" }[];
}

/** Publishes a file that does not play: a document, a picture, software. What has a price is encrypted. */
export async function publishFile(file: { name: string; source: Source; type?: string }, o: PublishOptions): Promise<Published> {
  validateTexts({ description: "", language: "", tags: [], ...o.terms });
  const kind = o.terms.kind ?? kindOfFile(file.name, file.type);
  const job = new Job(o, kind);
  await job.begin(file.name, file.source.size, o.terms.offers.some((x) => x.kind !== "free") && !o.terms.noEncrypt);
  // one byte more or less is another work, for which the salt and the secret of this one must not serve
  await job.sameFile(toHex(await digestOf(file.source, (n) => o.progress?.({ stage: "reading", done: n, total: file.source.size }), o.signal)));
  return job.run(await plainFolder(file, job.secret, undefined, o.signal), file.source.size);
}

/** Publishes a folder that was packaged already, as it is: an HLS presentation that is free, or that a packager encrypted for no work yet. */
export async function publishPackaged(files: Entry[], o: PublishOptions & { terms: Terms & { kind: string } }): Promise<Published> {
  validateTexts({ description: "", language: "", tags: [], ...o.terms });
  if (o.terms.offers.some((x) => x.kind !== "free") && !o.terms.noEncrypt) {
    throw new PublishError("not-a-file", "what is sold and plays is encrypted by the packager on this machine, or by streamd publish; noEncrypt leaves it readable by storage nodes");
  }
  const size = files.reduce((n, f) => n + f.source.size, 0), job = new Job(o, o.terms.kind);
  await job.begin(files.map((f) => `${f.path}:${f.source.size}`).sort().join("\n"), size, false);
  return job.run(files, size);
}

interface Candidate {
  provider: Provider;
  client: NodeClient;
  info: NodeInfo;
  operator: string;
  price: bigint;
}

/** One run. */
class Job {
  secret: Secret | undefined;
  private state!: PublishState;
  private encrypted = false;
  private readonly account: string;
  private readonly chain: ChainClient;
  private creator: string;
  private car!: Car;
  private rootWork = "";

  constructor(private readonly o: PublishOptions, private readonly kind: string) {
    this.account = o.wallet.address;
    this.chain = o.client;
    this.creator = creatorId(this.account);
  }

  /** Takes up what an earlier run left, and finds out whether the work is encrypted. */
  async begin(name: string, size: number, encrypt: boolean): Promise<void> {
    const { terms, state } = this.o;
    // an offer that cannot be written is found before anything is paid
    (await import("../actions/creator.js")).setOffers(this.account, { work: "", offers: terms.offers });
    const of = toHex(await sha(JSON.stringify([this.chain.chainId, this.account, name, size, { ...terms, offers: undefined }], (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v))));
    if (state && state.of !== of && !state.of.startsWith(`${of}/`)) throw new PublishError("changed", "what is to be published is not what was begun: begin anew, or choose the same file and words");
    this.state = state ? { ...state } : { salt: toHex(random(32)), of };
    this.encrypted = encrypt;
    if (terms.previous) {
      const previous = await this.work(terms.previous);
      this.rootWork = previous!.root;
      const first = previous!.root === previous!.cid ? previous : await this.work(previous!.root);
      if (first!.keys) throw new PublishError("secret-erased", "the work is encrypted: its next version takes the secret that was kept with streamd publish --keep-secret, and streamd publish --secret");
      this.encrypted = false;
    }
    if (!this.encrypted) return;
    await this.requireHolders();
    if (this.state.secret) this.secret = Secret.parse(fromHex(this.state.secret));
    else if (this.state.work) throw new PublishError("secret-erased", "the secret of this work is gone, so that nobody can be given its keys: publish it as a new work");
    else {
      this.secret = Secret.draw();
      this.state.secret = toHex(this.secret.bytes());
      this.state.c0 = toHex(this.secret.c0());
    }
    await this.save();
  }

  async sameFile(digest: string): Promise<void> {
    const [terms, old] = this.state.of.split("/");
    if (old !== undefined && old !== digest) throw new PublishError("changed", "the file is another one than the one that was begun with: begin anew, or choose that file");
    this.state.of = `${terms}/${digest}`;
    await this.save();
  }

  private async save(): Promise<void> {
    await this.o.save?.({ ...this.state });
  }

  private tell(stage: string, done = 0, total = 0, node?: string): void {
    this.o.progress?.({ stage, done, total, ...(node ? { node } : {}) });
  }

  private async work(cid: string) {
    try {
      return (await this.chain.query.content.work({ work: cid })).work;
    } catch (e) {
      if (e instanceof StreamError && /NotFound$/.test(e.slug)) return undefined;
      throw e;
    }
  }

  async run(entries: Entry[], size: number): Promise<Published> {
    const { terms, cover, signal } = this.o;
    const blocks = new Blocks();
    const media = await buildFolder(blocks, entries, (n) => this.tell("reading", n, size), signal);
    const coverCid = cover ? (await buildFile(blocks, cover, undefined, signal)).cid : undefined;
    this.car = await carOf(blocks, coverCid ? [media.cid, coverCid] : [media.cid], (n) => this.tell("packing", n, size), signal);
    const register = await this.findCreator();
    const manifest: Manifest = {
      version: 1, creator: addressBytes(this.creator), kind: this.kind, title: terms.title, language: terms.language ?? "", description: terms.description ?? "", tags: terms.tags ?? [],
      duration: terms.durationSeconds ?? 0, media: media.cid.text, piece: { root: this.car.root, size: this.car.size }, licence: terms.licence, parents: terms.parents ?? [],
      ...(coverCid ? { cover: coverCid.text } : {}), ...(terms.previous ? { previous: terms.previous } : {}),
      ...(this.encrypted ? { keys: { suite: SUITE, c0: fromHex(this.state.c0!), window: WINDOW_SECONDS } } : {}),
    };
    validate(manifest);
    const work = workId(manifest);
    this.rootWork ||= work;
    this.state.work = work;
    this.tell("asking");
    const nodes = await this.pick();
    const there = (await this.work(work)) !== undefined;
    if (!there && this.o.confirm && !(await this.o.confirm(await this.quote(work, nodes)))) throw new PublishError("cancelled", "nothing was published, and nothing paid");
    if (!there) await this.date(manifest, register);
    await this.register(manifest, nodes, there);
    await this.hold(false);
    const copies = await this.await(work);
    await this.hold(true);
    await this.sell();
    delete this.state.secret;
    await this.save();
    this.tell("done", 1, 1);
    return { work, root: this.rootWork, creator: this.creator, tx: this.state.tx ?? "", height: this.state.height ?? 0, bytes: this.car.size, encrypted: this.encrypted, copies };
  }

  /** The creator that the account controls; what registers it where there is none. */
  private async findCreator(): Promise<Msg[]> {
    try {
      const { creator } = await this.chain.query.content.creatorByController({ controller: this.account });
      this.creator = creator!.id;
      return [];
    } catch (e) {
      if (!(e instanceof StreamError) || !/NotFound$/.test(e.slug)) throw e;
      const { registerCreator } = await import("../actions/creator.js");
      const { handle } = this.o.terms;
      return [...registerCreator(this.account, handle ? { handle } : {}).msgs];
    }
  }

  /** Dates the media on the chain before anybody else can see it. */
  private async date(m: Manifest, register: Msg[]): Promise<void> {
    if (this.state.committed && register.length === 0) return;
    const { commit } = await import("../actions/creator.js");
    const hash = commitment(m.creator, m.media, fromHex(this.state.salt));
    await this.send([...register, ...(this.state.committed ? [] : commit(this.account, { hash }).msgs)]);
    this.state.committed = true;
    await this.save();
  }

  private send(msgs: Msg[]): Promise<TxResult> {
    this.o.signal?.throwIfAborted();
    return this.chain.tx(this.o.wallet, msgs, { onProgress: (step) => step === "signing" && this.tell("signing") });
  }

  private async providers(): Promise<Provider[]> {
    const out: Provider[] = [];
    // the status is the enum's number: 1 is active
    for (let key: Uint8Array | undefined = new Uint8Array(0); key; ) {
      const r = await this.chain.query.storage.providers({ status: 1, pagination: { key, limit: 100n } });
      out.push(...r.providers);
      key = r.pagination && r.pagination.nextKey.length > 0 ? r.pagination.nextKey : undefined;
    }
    return out;
  }

  /** The live nodes with room for the piece, cheapest first, one of a network where the chain wants that. */
  private async pick(): Promise<Candidate[]> {
    const { params } = await this.chain.query.storage.params();
    const size = BigInt(this.car.size), found: Candidate[] = [];
    const fit = (await this.providers()).filter((p) => {
      const gibs = (p.capacityBytes + GIB - 1n) / GIB;
      // one that was slashed takes nothing until its operator has added to the bond
      return p.capacityBytes - p.committedBytes >= size && BigInt(p.bond) >= BigInt(params!.minBond) + BigInt(params!.bondPerGib) * gibs;
    });
    await Promise.all(fit.map(async (provider) => {
      for (const endpoint of provider.endpoints) {
        try {
          const client = new NodeClient(endpoint, { operator: provider.operator, chainId: this.chain.chainId, ...(this.o.fetch ? { fetch: this.o.fetch } : {}) });
          const info = await client.info(AbortSignal.timeout(3000));
          if (info.draining || BigInt(info.free) < size || BigInt(info.max_upload) < size) continue;
          found.push({ provider, client, info, operator: provider.operator, price: BigInt(provider.pricePerGibDay) });
          return;
        } catch {
          // a node that does not answer is not asked to keep anything
        }
      }
    }));
    found.sort((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : a.operator < b.operator ? -1 : 1));
    const networks = new Set<string>();
    const out = found.filter((c) => params!.relaxedNetworkRules || (!networks.has(c.provider.networkPrefix) && networks.add(c.provider.networkPrefix)));
    if (out.length === 0) throw new PublishError("no-provider", "no live storage node can take the work: try again later, or with fewer copies");
    return out;
  }

  private prepayment(nodes: Candidate[]): bigint {
    const days = BigInt(this.o.terms.days ?? 30);
    return nodes.reduce((sum, n) => sum + ((n.price * NANO * BigInt(this.car.size) + GIB * DAY - 1n) / (GIB * DAY)) * days * DAY / NANO + 1n, 0n);
  }

  private get copies(): number {
    return Math.min(Math.max(this.o.terms.copies ?? 3, 1), 8);
  }

  private async quote(work: string, nodes: Candidate[]): Promise<Quote> {
    const { params } = await this.chain.query.content.params(), chosen = nodes.slice(0, this.copies);
    return {
      work, creator: this.creator, kind: this.kind, bytes: this.car.size, deposit: BigInt(params!.workDeposit), storage: this.prepayment(chosen), encrypted: this.encrypted,
      copies: chosen.map((c) => ({ operator: c.operator, endpoint: c.client.endpoint, pricePerGibDay: c.price })),
    };
  }

  /** Brings the piece to as many nodes as there shall be copies. */
  private async upload(nodes: Candidate[]): Promise<Candidate[]> {
    const queue = [...nodes], done: Candidate[] = [], causes: string[] = [];
    const proof = new UploadProof(this.o.wallet, this.chain.chainId, this.car.root, this.car.size);
    await Promise.all(Array.from({ length: Math.min(this.copies, nodes.length) }, async () => {
      for (let c = queue.shift(); c; c = queue.shift()) {
        try {
          await uploadTo(c, this.car, proof, (n) => this.tell("upload", n, this.car.size, c!.client.endpoint), this.o.signal);
          done.push(c);
          return;
        } catch (e) {
          this.o.signal?.throwIfAborted();
          causes.push(`${c.client.endpoint}: ${e instanceof Error ? e.message : String(e)}`);
        }
      }
    }));
    if (done.length === 0) throw new PublishError("no-provider", `no storage node took the work: ${causes.join("; ")}`);
    return done.sort((a, b) => (a.operator < b.operator ? -1 : 1));
  }

  /** Sends the work, its deals, and its offers or, where it is encrypted, the draw of its holders in one transaction, unless an earlier run did. */
  private async register(m: Manifest, nodes: Candidate[], there: boolean): Promise<void> {
    const work = this.state.work!;
    if (there && (await this.chain.query.storage.dealsByWork({ work })).deals.length > 0) return;
    const [{ publishWork, setOffers }, { MsgRequestDeals, MsgDrawKeySet }, { msg }] = await Promise.all([
      import("../actions/creator.js"), import("../gen/streamchain/storage/v1/tx.js"), import("../core/msg.js"),
    ]);
    const placed = await this.upload(nodes);
    const msgs: Msg[] = [];
    if (!there) {
      msgs.push(...publishWork(this.account, {
        creator: this.creator, kind: m.kind, title: m.title, language: m.language, description: m.description, tags: m.tags, durationSeconds: BigInt(m.duration), media: m.media,
        cover: m.cover ?? "", pieceRoot: m.piece.root, pieceSize: BigInt(m.piece.size), licence: m.licence, previous: m.previous ?? "", parents: m.parents.map((p) => ({ work: p.work, bps: p.bps })),
        salt: fromHex(this.state.salt), ...(m.keys ? { keys: { suite: m.keys.suite, c0: m.keys.c0, windowSeconds: m.keys.window } } : {}),
      }).msgs);
    }
    const dearest = placed.reduce((most, c) => (c.price > most ? c.price : most), 0n);
    // a copy that is lost may be repaired for a quarter more than the dearest of these asks; what was prepaid once does not come back
    const ceiling = (dearest * 5n) / 4n > 0n ? (dearest * 5n) / 4n : 1n;
    msgs.push(msg(MsgRequestDeals, {
      funder: this.account, work, providers: placed.map((c) => c.operator), prepayment: { denom: "ustream", amount: (there ? 0n : this.prepayment(placed)).toString() },
      maxPricePerGibDay: ceiling.toString(),
    }));
    // with the work or not at all: an encrypted work without holders would be of no use
    if (this.encrypted && !there) msgs.push(msg(MsgDrawKeySet, { signer: this.account, work }));
    if (this.o.terms.offers.length > 0 && !there && !this.encrypted) msgs.push(...setOffers(this.account, { work: this.rootWork, offers: this.o.terms.offers }).msgs);
    await this.save(); // the secret is safe before anything is paid
    const r = await this.send(msgs);
    this.state.tx = r.hash;
    this.state.height = r.height;
    await this.save();
  }

  /** Waits until one node has accepted, then a little for the others. */
  private async await(work: string): Promise<Published["copies"]> {
    for (let deadline = Date.now() + ACCEPT, some = false; ; ) {
      const { deals } = await this.chain.query.storage.dealsByWork({ work });
      // 2: active
      const copies = deals.map((d) => ({ operator: d.operator, status: d.acceptedAt > 0n ? ("accepted" as const) : ("requested" as const) }));
      const accepted = copies.filter((c) => c.status === "accepted").length;
      this.tell("nodes accept", accepted, copies.length);
      if (accepted > 0 && !some) {
        some = true;
        deadline = Math.min(deadline, Date.now() + OTHERS);
      }
      if ((accepted === copies.length && accepted > 0) || Date.now() > deadline) {
        if (accepted === 0) throw new PublishError("unfinished", "the work is registered, but no node has accepted it yet: go on a little later");
        return copies;
      }
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    await new Promise((r) => setTimeout(r, LOOK));
    this.o.signal?.throwIfAborted();
  }

  /** Refuses, before anything is paid, to encrypt what nobody would hold the keys of. */
  private async requireHolders(): Promise<void> {
    if (this.state.tx) return;
    const [{ params }, providers] = await Promise.all([this.chain.query.storage.params(), this.providers()]);
    const willing = providers.filter((p) => p.sealKey.length > 0);
    const found = params!.relaxedNetworkRules ? willing.length : new Set(willing.map((p) => p.networkPrefix)).size;
    if (found === 0) throw new PublishError("no-holders", "no storage node that offers to hold keys can be drawn, so nobody could open the encrypted work: try again later, or publish it readable by storage nodes");
  }

  /** Brings the secret to the holders that the chain draws; with wait, until all have accepted, and to others where they do not in time. */
  private async hold(wait: boolean): Promise<void> {
    if (!this.encrypted) return;
    const { MsgDealKeys, MsgDrawKeySet } = await import("../gen/streamchain/storage/v1/tx.js"), { msg } = await import("../core/msg.js");
    for (let draws = 0; ; ) {
      const { active, pending } = await this.chain.query.storage.keySet({ work: this.rootWork });
      const set = active ?? pending;
      if (set) this.tell("holders accept", set.holders.filter((h) => h.accepted).length, set.holders.length);
      if (active) return;
      const drawn = pending && pending.commitments.length === 0;
      const late = !pending || (!drawn && (await this.chain.query.clock.now()).liveSeconds >= pending.deadline);
      if (late) {
        if (draws++ === MAX_DRAWS) throw new PublishError("unfinished", "holders were drawn several times and did not all accept: go on a little later");
        await this.send([msg(MsgDrawKeySet, { signer: this.account, work: this.rootWork })]);
      } else if (drawn) {
        const { commitments, sealed } = await this.deal(pending);
        await this.send([msg(MsgDealKeys, { controller: this.account, root: this.rootWork, commitments, sealed })]);
      } else if (!wait) return;
      else await this.pause();
    }
  }

  /** Splits the secret among the holders that were drawn, each part sealed for one of them. */
  private async deal(set: KeySet): Promise<{ commitments: Uint8Array[]; sealed: Uint8Array[] }> {
    if (!this.secret) throw new PublishError("secret-erased", "the secret of this work is gone: publish it as a new work");
    const { commitments, shares } = this.secret.deal(set.threshold, set.holders.length);
    const sealed = await Promise.all(set.holders.map((h, i) => {
      const share = shares[i]!;
      return seal(h.sealKey, FOR_HOLDER, shareContext(set.root, set.version, h.index, 0), share.bytes());
    }));
    return { commitments: commitments.bytes(), sealed };
  }

  /** Sets the offers that waited for the holders: the chain takes no money for what nobody can open. */
  private async sell(): Promise<void> {
    if (!this.encrypted || this.state.sold || this.o.terms.offers.length === 0) return;
    const { setOffers } = await import("../actions/creator.js");
    await this.send([...setOffers(this.account, { work: this.rootWork, offers: this.o.terms.offers }).msgs]);
    this.state.sold = true;
    await this.save();
  }
}

async function sha(text: string): Promise<Uint8Array> {
  return CID.hash(0x55, new TextEncoder().encode(text)).digest;
}
