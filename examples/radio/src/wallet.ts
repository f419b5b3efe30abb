// A wallet on this device under a password, or one of the browser's extensions.
import type { Config } from "@streamchain/sdk/discovery";
import { walletViewer, type Viewer } from "@streamchain/sdk/play";
import { chainInfo, findExtensions, generateMnemonic, KeplrWallet, MemoryWallet, openMnemonic, sealMnemonic, type Wallet } from "@streamchain/sdk/wallet";

const KEY = "radio.wallet";

export const hasWallet = (): boolean => localStorage.getItem(KEY) !== null;

/** Opens this device's wallet, or makes one. The words are given once, when it is made: they are what is to be written down. */
export async function deviceWallet(password: string): Promise<{ wallet: Wallet; words?: string }> {
  const kept = localStorage.getItem(KEY);
  if (kept !== null) return { wallet: await MemoryWallet.fromMnemonic(await openMnemonic(JSON.parse(kept), password)) };
  if (password.length < 8) throw new Error("Use a password of at least 8 characters.");
  const words = generateMnemonic();
  localStorage.setItem(KEY, JSON.stringify(await sealMnemonic(words, password)));
  return { wallet: await MemoryWallet.fromMnemonic(words), words };
}

/** The wallets that the browser has: Keplr, and those that speak as it does. */
export const extensions = (): { name: string; connect: (config: Config) => Promise<Wallet> }[] =>
  findExtensions().map(({ name, api }) => ({ name, connect: (config) => KeplrWallet.connect(api, chainInfo(config), name) }));

/** Who listens, by a wallet. The chain's client is loaded when something is to be signed. */
export const viewerOf = (wallet: Wallet, config: Config): Viewer =>
  walletViewer(wallet, async () => (await import("@streamchain/sdk/chain")).ChainClient.connect({ rpc: config.rpc, chainId: config.chain_id }));
