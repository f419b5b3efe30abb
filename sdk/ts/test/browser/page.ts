// A page that plays a work with hls.js, paying by the second: what the browser test looks at.
import Hls from "hls.js";
import { fromHex } from "../../src/media/bytes.js";
import { hlsConfig, indexedDbStore, Player, playerUrl, restChain, walletViewer } from "../../src/play/index.js";
import { MemoryWallet } from "../../src/wallet/memory.js";

interface Config {
  rest: string; rpc: string; chainId: string; work: string; key: string; maxSpend: string;
}

const state = { meter: {} as Record<string, unknown>, paused: "", errors: [] as string[], signatures: 0 };
let player: Player | undefined;

async function start(c: Config): Promise<void> {
  const wallet = MemoryWallet.fromKey(fromHex(c.key));
  const viewer = walletViewer(wallet, async () => {
    state.signatures++;
    const { ChainClient } = await import("../../src/chain/index.js");
    return ChainClient.connect({ rpc: c.rpc, chainId: c.chainId });
  });
  player = await Player.open({ chain: restChain(c.rest, c.chainId), viewer, store: indexedDbStore(), work: c.work, maxSpend: BigInt(c.maxSpend) });
  const video = document.querySelector("video")!;
  const show = () => {
    state.meter = JSON.parse(JSON.stringify(player!.meter, (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v))) as Record<string, unknown>;
  };
  show();
  player.on("meter", show);
  player.on("paused", (e) => {
    state.paused = e.reason;
    if (e.reason !== "spend-limit") state.errors.push(e.error.message);
  });
  player.on("resumed", () => (state.paused = ""));
  player.attach(video);
  const hls = new Hls({ ...hlsConfig(player), enableWorker: false });
  hls.on(Hls.Events.ERROR, (_, data) => {
    // a seek ends the load that is under way, which hls.js reports as well
    if (data.details !== Hls.ErrorDetails.INTERNAL_ABORTED) state.errors.push(`${data.details}: ${data.error?.message ?? ""} ${JSON.stringify(data.response ?? {})}`);
  });
  await new Promise<void>((ready) => {
    hls.on(Hls.Events.MANIFEST_PARSED, () => ready());
    hls.loadSource(playerUrl(player!));
    hls.attachMedia(video);
  });
  hls.startLoad(-1);
  await video.play();
}

Object.assign(window, {
  state, start,
  raise: (n: number) => player!.raise({ maxSpend: BigInt(n) }),
  stop: async () => JSON.parse(JSON.stringify(await player!.close(), (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v))) as unknown,
});
