import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ChainClient } from "../../src/chain/index.js";
import { msg } from "../../src/core/msg.js";
import { MsgSend } from "../../src/gen/cosmos/bank/v1beta1/tx.js";
import { fromHex } from "../../src/media/bytes.js";
import { type PlayChain, restChain } from "../../src/play/index.js";
import { MemoryWallet } from "../../src/wallet/memory.js";

/** A local network that runs: STREAMCHAIN_NET is its home (streamd localnet up --home). Without it these tests are left out. */
export const home = process.env["STREAMCHAIN_NET"] ?? "";

/** The demo's works: STREAMCHAIN_DEMO is its folder; the folder above the network's otherwise. */
export function demoWork(name: "song" | "film"): string {
  const state = JSON.parse(readFileSync(`${process.env["STREAMCHAIN_DEMO"] ?? `${home}/..`}/state.json`, "utf8")) as { done: Record<string, { work: string }> };
  return state.done[name]!.work;
}

export interface Network {
  chainId: string;
  rpc: string;
  rest: string;
  client: ChainClient;
  play: PlayChain;
  account(name: string): MemoryWallet;
  /** A new account with so many STREAM. */
  funded(stream: number): Promise<MemoryWallet>;
}

export async function network(): Promise<Network> {
  const net = JSON.parse(readFileSync(`${home}/net.json`, "utf8")) as { chain_id: string; base_port: number };
  const rpc = `http://127.0.0.1:${26657 + net.base_port}`, rest = `http://127.0.0.1:${1317 + net.base_port}`;
  const client = await ChainClient.connect({ rpc, chainId: net.chain_id });
  const streamd = process.env["STREAMD"] ?? fileURLToPath(new URL("../../../../build/streamd", import.meta.url));
  const account = (name: string) => MemoryWallet.fromKey(fromHex(
    execFileSync(streamd, ["keys", "export", name, "--unarmored-hex", "--unsafe", "-y", "--home", `${home}/keys`, "--keyring-backend", "test"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim(),
  ));
  return {
    chainId: net.chain_id, rpc, rest, client, play: restChain(rest, net.chain_id), account,
    async funded(stream) {
      const wallet = MemoryWallet.fromKey(crypto.getRandomValues(new Uint8Array(32))), from = account("op7");
      await client.tx(from, [msg(MsgSend, { fromAddress: from.address, toAddress: wallet.address, amount: [{ denom: "ustream", amount: String(stream * 1_000_000) }] })]);
      return wallet;
    },
  };
}
