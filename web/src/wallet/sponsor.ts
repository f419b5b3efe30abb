import type { Wallet } from '@streamchain/sdk/wallet'
import { chainConfig } from '../lib/api'

/** Asks the network's sponsor for a first use: who pays the fees and until when; undefined where there is no sponsor. */
export async function sponsorNewcomer(wallet: Wallet): Promise<{ granter: string; granted: number } | undefined> {
  const { sponsor, chain_id: chainId } = await chainConfig()
  if (!sponsor) return undefined
  const { Sponsor } = await import('@streamchain/sdk/sponsor')
  const grant = await new Sponsor(sponsor, { chainId }).ask(wallet)
  return { granter: grant.granter, granted: Number(grant.expires) }
}
