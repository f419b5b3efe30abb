import { ADDRESS_PREFIX } from "../core/ids.js";
import { BASE_DENOM, EXPONENT } from "../core/amounts.js";
import { InvalidError } from "../core/errors.js";

interface Currency {
  coinDenom: string;
  coinMinimalDenom: string;
  coinDecimals: number;
}

/** A chain as Keplr's `experimentalSuggestChain` wants it. */
export interface ChainInfo {
  chainId: string;
  chainName: string;
  rpc: string;
  rest: string;
  bip44: { coinType: number };
  bech32Config: { bech32PrefixAccAddr: string; bech32PrefixAccPub: string; bech32PrefixValAddr: string; bech32PrefixValPub: string; bech32PrefixConsAddr: string; bech32PrefixConsPub: string };
  currencies: Currency[];
  feeCurrencies: (Currency & { gasPriceStep: { low: number; average: number; high: number } })[];
  stakeCurrency: Currency;
}

/** What the discovery API's `/config` says of a chain. */
export interface ChainConfig {
  chain_id: string;
  rpc: string;
  rest: string;
  gas_price: string;
}

/** The chain for `KeplrWallet.connect`, out of the discovery API's config. */
export function chainInfo(config: ChainConfig, chainName = config.chain_id.includes("local") ? "StreamChain local" : "StreamChain"): ChainInfo {
  const price = /^(\d+(?:\.\d+)?)ustream$/.exec(config.gas_price);
  if (!price) throw new InvalidError("gas_price", `${JSON.stringify(config.gas_price)} is no gas price in ustream`);
  const stream: Currency = { coinDenom: "STREAM", coinMinimalDenom: BASE_DENOM, coinDecimals: EXPONENT };
  // Keplr wants numbers here: they only bound what it offers, the fee that is signed is whole ustream
  const low = Number(price[1]);
  const p = ADDRESS_PREFIX;
  return {
    chainId: config.chain_id, chainName, rpc: config.rpc, rest: config.rest, bip44: { coinType: 118 },
    bech32Config: {
      bech32PrefixAccAddr: p, bech32PrefixAccPub: p + "pub", bech32PrefixValAddr: p + "valoper", bech32PrefixValPub: p + "valoperpub", bech32PrefixConsAddr: p + "valcons",
      bech32PrefixConsPub: p + "valconspub",
    },
    currencies: [stream], feeCurrencies: [{ ...stream, gasPriceStep: { low, average: low, high: low * 2 } }], stakeCurrency: stream,
  };
}
