import { chainInfo, findExtensions, KeplrWallet, type Wallet } from '@streamchain/sdk/wallet'
import { chainConfig } from '../lib/api'

/** The names of the wallet extensions that are there, all with Keplr's interface. */
export const extensions = (): string[] => findExtensions(window).map((one) => one.name)

/** Tells the extension about this chain (suggest-chain) and asks for its account. */
export async function connectExtension(name: string): Promise<Wallet> {
  const found = findExtensions(window).find((one) => one.name === name)
  return KeplrWallet.connect(found?.api, chainInfo(await chainConfig()), name)
}

/** The account that this browser used before, of the extension that had it; after a page was loaded anew it is asked again. */
export async function reconnectExtension(name: string | undefined, address: string): Promise<Wallet> {
  const wallet = await connectExtension(name ?? extensions()[0] ?? '')
  if (wallet.address !== address) throw new Error('the extension has another account now')
  return wallet
}
