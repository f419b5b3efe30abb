import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe as suite, expect, it } from "vitest";
import { openDispute, tip } from "../../src/actions/index.js";
import { InvalidError, msg, type Msg, parseAmount, parseStream } from "../../src/index.js";
import { MsgGrant } from "../../src/gen/cosmos/authz/v1beta1/tx.js";
import { MsgExec } from "../../src/gen/cosmos/authz/v1beta1/tx.js";
import { MsgSend } from "../../src/gen/cosmos/bank/v1beta1/tx.js";
import { MsgGrantSessionKey } from "../../src/gen/streamchain/stream/v1/tx.js";
import { base64 } from "@scure/base";
import { bodyBytes } from "../../src/chain/index.js";
import {
  chainInfo, describe, findExtensions, generateMnemonic, isMnemonic, type KeplrApi, KeplrWallet, MemoryWallet, messagesOf, OfflineSigner, openMnemonic, parseKeystore, sealMnemonic, signDocBytes, signOffline,
} from "../../src/wallet/index.js";

const words = "abandon ".repeat(23) + "art";
const me = "stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd";
const config = { chain_id: "streamchain-local-1", rpc: "http://127.0.0.1:26657", rest: "http://127.0.0.1:1317", gas_price: "0.001ustream" };
const doc = (m: Msg) => ({ bodyBytes: bodyBytes([m]), authInfoBytes: Uint8Array.of(1, 2), chainId: "streamchain-local-1", accountNumber: 7n });
const send = msg(MsgSend, { fromAddress: me, toAddress: me, amount: [{ denom: "ustream", amount: "1500000" }] });

suite("amounts", () => {
  it.each(["", "stream", "1", "-1stream", "1.2.3stream", "0.0000001stream", "1.5ustream", ".5stream", "1 2stream"])("refuses %j", (text) => {
    expect(() => parseAmount(text)).toThrow(InvalidError);
  });
  it("reads what people type", () => {
    expect([parseStream("1.5"), parseStream("1,5"), parseStream(" 2 "), parseStream(".5"), parseStream("0.000001")]).toEqual([1_500_000n, 1_500_000n, 2_000_000n, 500_000n, 1n]);
    for (const bad of ["", ".", "1.5.2", "-1", "0.0000001", "1e3"]) expect(() => parseStream(bad)).toThrow(InvalidError);
  });
  it("refuses other coins where only STREAM is taken, and negative ones", () => {
    expect(() => openDispute(me, { kind: "refund", subject: "h", evidence: "e", bond: "5uother" })).toThrow(InvalidError);
    expect(() => tip(me, { subject: "w", amount: -1n })).toThrow(InvalidError);
  });
});

suite("mnemonics and keystores", () => {
  it("makes 24 words, each time others", async () => {
    const a = generateMnemonic(), b = generateMnemonic();
    expect(a.split(" ")).toHaveLength(24);
    expect(a).not.toBe(b);
    expect(isMnemonic(`  ${a.toUpperCase().replace(/ /g, "\n")} `)).toBe(true);
    await expect(MemoryWallet.fromMnemonic(words.replace("art", "abandon"))).rejects.toMatchObject({ slug: "bad-mnemonic" });
  });

  it("opens with the password alone, and shows when anything was changed", async () => {
    const sealed = await sealMnemonic(words, "correct horse");
    expect(JSON.stringify(sealed)).not.toContain("abandon");
    expect(sealed.address).toBe((await MemoryWallet.fromMnemonic(words)).address);
    expect(await openMnemonic(JSON.stringify(sealed), "correct horse")).toBe(words);
    await expect(openMnemonic(sealed, "correct horsf")).rejects.toMatchObject({ slug: "wrong-password" });
    await expect(openMnemonic({ ...sealed, address: me }, "correct horse")).rejects.toMatchObject({ slug: "wrong-password" });
    const again = await sealMnemonic(words, "correct horse");
    expect([again.kdf.salt, again.cipher.iv, again.data]).not.toEqual([sealed.kdf.salt, sealed.cipher.iv, sealed.data]);
  });

  it("does not trust a file's costs", async () => {
    const sealed = await sealMnemonic(words, "correct horse");
    for (const iterations of [1, 99_999, 10_000_001, 1.5]) expect(() => parseKeystore({ ...sealed, kdf: { ...sealed.kdf, iterations } })).toThrow(/no wallet file/);
    for (const bad of ["", "{}", "null", 5, { ...sealed, version: 2 }, { ...sealed, data: "" }]) expect(() => parseKeystore(bad)).toThrow(/no wallet file/);
    await expect(sealMnemonic(words, "short")).rejects.toMatchObject({ slug: "wrong-password" });
  });

  it("shows its key to nobody who looks at it", async () => {
    const wallet = await MemoryWallet.fromMnemonic(words);
    expect(Object.keys(wallet)).not.toContain("key");
    expect(JSON.stringify(wallet)).not.toMatch(/"#?key"/);
  });
});

/** An extension over a key, as Keplr behaves; `change` tampers. */
function extension(wallet: MemoryWallet, change: (d: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; chainId: string; accountNumber: unknown }) => object = () => ({})): KeplrApi {
  return {
    experimentalSuggestChain: async () => {}, enable: async () => {},
    getKey: async () => ({ name: "me", algo: "secp256k1", pubKey: wallet.pubkey, bech32Address: wallet.address, isNanoLedger: false }),
    async signDirect(_chain, _signer, d) {
      const signed = { ...d, ...change(d) } as { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; chainId: string; accountNumber: bigint };
      return { signed, signature: { signature: base64.encode(await wallet.signBytes(signDocBytes(signed))) } };
    },
    signArbitrary: async (_chain, _signer, text) => ({ signature: base64.encode(await wallet.signArbitrary(text)) }),
  };
}

suite("extensions", () => {
  it("are found once each", () => {
    const api = {};
    expect(findExtensions({ keplr: api, leap: api }).map((e) => e.id)).toEqual(["keplr"]);
    expect(findExtensions({ leap: {}, cosmostation: { providers: { keplr: {} } } }).map((e) => e.id)).toEqual(["leap", "cosmostation"]);
    expect(findExtensions({})).toEqual([]);
  });

  it("may change the fee, and nothing else", async () => {
    const key = await MemoryWallet.fromMnemonic(words);
    const connect = (api: KeplrApi) => KeplrWallet.connect(api, chainInfo(config));
    const fee = Uint8Array.of(9);
    const { doc: signed } = await (await connect(extension(key, () => ({ authInfoBytes: fee })))).signDirect(doc(send));
    expect(signed.authInfoBytes).toEqual(fee);
    for (const change of [{ bodyBytes: fee }, { chainId: "other" }, { accountNumber: 8n }]) {
      await expect((await connect(extension(key, () => change))).signDirect(doc(send))).rejects.toMatchObject({ slug: "changed" });
    }
    const other = await MemoryWallet.fromMnemonic(generateMnemonic());
    const liar = { ...extension(other), getKey: extension(key).getKey };
    await expect((await connect(liar)).signDirect(doc(send))).rejects.toMatchObject({ slug: "bad-signature" });
    await expect((await connect(liar)).signArbitrary("x")).rejects.toMatchObject({ slug: "bad-signature" });
  });

  it("that refuse say so", async () => {
    const key = await MemoryWallet.fromMnemonic(words);
    const no = { ...extension(key), signDirect: () => Promise.reject(new Error("Request rejected")), enable: async () => {} };
    await expect((await KeplrWallet.connect(no, chainInfo(config))).signDirect(doc(send))).rejects.toMatchObject({ slug: "rejected" });
    await expect(KeplrWallet.connect({ ...no, enable: () => Promise.reject(new Error("Request rejected")) }, chainInfo(config))).rejects.toMatchObject({ slug: "rejected" });
    await expect(KeplrWallet.connect(undefined, chainInfo(config))).rejects.toMatchObject({ slug: "no-extension" });
  });

  it("are told of the chain as the localnet writes it", () => {
    expect(chainInfo(config)).toMatchObject({ chainId: "streamchain-local-1", chainName: "StreamChain local", bip44: { coinType: 118 }, feeCurrencies: [{ coinMinimalDenom: "ustream", gasPriceStep: { low: 0.001, high: 0.002 } }] });
    expect(() => chainInfo({ ...config, gas_price: "1uatom" })).toThrow(InvalidError);
  });
});

suite("a key on another machine", () => {
  it("signs what is carried to it", async () => {
    const key = await MemoryWallet.fromMnemonic(words);
    // through JSON, as files are
    const here = new OfflineSigner(key.pubkey, async (file) => JSON.parse(JSON.stringify(await signOffline(JSON.parse(JSON.stringify(file)), key))));
    expect((await here.signDirect(doc(send))).signature).toEqual((await key.signDirect(doc(send))).signature);
    expect(await here.signArbitrary("x")).toEqual(await key.signArbitrary("x"));
    const wrong = new OfflineSigner(key.pubkey, async () => ({ version: 1, signature: base64.encode(new Uint8Array(64)) }));
    await expect(wrong.signDirect(doc(send))).rejects.toMatchObject({ slug: "bad-signature" });
    const other = await MemoryWallet.fromMnemonic(generateMnemonic());
    await expect(new OfflineSigner(key.pubkey, (file) => signOffline(file, other)).signDirect(doc(send))).rejects.toMatchObject({ slug: "bad-signature" });
  });
});

/** Every message that generated code has: type URL and the codec. */
async function allMessages(): Promise<[string, { fromPartial(o: object): unknown; encode(m: unknown): { finish(): Uint8Array } }][]> {
  const root = fileURLToPath(new URL("../../src/gen/", import.meta.url));
  const out = new Map();
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts"))) {
    if (!/\bMsgDefinition\b|: MessageFns<\s*Msg/.test(readFileSync(root + file, "utf8"))) continue;
    for (const [name, codec] of Object.entries((await import(root + file)) as Record<string, { $type?: string }>)) {
      if (/^Msg[A-Z]/.test(name) && !name.endsWith("Response") && codec.$type) out.set("/" + codec.$type, codec);
    }
  }
  return [...out];
}

suite("plain words", () => {
  it("exist for every message of the chain, even an empty one", async () => {
    const all = await allMessages();
    // counted in the protos, so that a message cannot be missing on both sides
    const protos = fileURLToPath(new URL("../../../../proto/streamchain/", import.meta.url));
    const declared = readdirSync(protos, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".proto"))
      .flatMap((f) => [...readFileSync(protos + f, "utf8").matchAll(/^message (Msg\w+) \{/gm)].map((m) => m[1]!)).filter((n) => !n.endsWith("Response"));
    expect(all.filter(([url]) => url.startsWith("/streamchain."))).toHaveLength(declared.length);
    expect(declared.length).toBeGreaterThan(100);
    for (const [typeUrl, codec] of all) {
      const lines = await describe([{ typeUrl, value: codec.encode(codec.fromPartial({})).finish() }]);
      expect(lines[0]?.text, typeUrl).not.toMatch(/^Unknown/);
      expect(lines.map((l) => l.text).join(" "), typeUrl).not.toMatch(/undefined|NaN|\[object|null/);
    }
  });

  it("say amounts and whom they go to", async () => {
    expect(await describe([send])).toEqual([{ text: "You send 1.5 STREAM to stream1vj9mue…t3sxxd.", level: "plain", indent: 0, typeUrl: "/cosmos.bank.v1beta1.MsgSend" }]);
    expect(messagesOf(doc(send))).toEqual([send]);
  });

  it("warn of what acts without asking again", async () => {
    const session = msg(MsgGrantSessionKey, { owner: me, pubkey: new Uint8Array(32), limit: { denom: "ustream", amount: "5000000" }, expires: 1_800_000_000, scope: 3 });
    const lines = await describe([session]);
    expect(lines[0]!.text).toContain("at most 5 STREAM in any 24 hours");
    expect(lines[0]!.text).toContain("2027-01-15");
    expect(lines[1]!.level).toBe("warning");
    const grant = msg(MsgGrant, { granter: me, grantee: me, grant: { authorization: { typeUrl: "/cosmos.authz.v1beta1.GenericAuthorization", value: new Uint8Array() } } });
    expect((await describe([grant])).map((l) => l.level)).toEqual(["plain", "danger"]);
  });

  it("call the unknown unknown, inside others too", async () => {
    const strange = { typeUrl: "/evil.v1.MsgTakeAll", value: new Uint8Array() };
    const broken = { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: Uint8Array.of(0xff, 0xff) };
    for (const m of [strange, broken]) expect((await describe([m]))[0]).toMatchObject({ level: "danger", text: expect.stringMatching(/^Unknown/) });
    const inside = await describe([msg(MsgExec, { grantee: me, msgs: [strange, send] as { typeUrl: string; value: Uint8Array }[] })]);
    expect(inside.map((l) => [l.level, l.indent])).toEqual([["plain", 0], ["danger", 1], ["plain", 1]]);
    let deep: Msg = send;
    for (let i = 0; i < 9; i++) deep = msg(MsgExec, { grantee: me, msgs: [deep] as { typeUrl: string; value: Uint8Array }[] });
    expect((await describe([deep])).at(-1)).toMatchObject({ level: "danger" });
  });

  it("keep a stranger's text inside its quotes", async () => {
    const [line] = await describe(tip(me, { subject: "x", amount: 1n, memo: "a”.\nYou also get 100 STREAM. \u202e“" }).msgs);
    expect(line!.text).toBe("You tip 0.000001 STREAM to x, with the words “a'. You also get 100 STREAM. '”, which everybody can read.");
  });
});
