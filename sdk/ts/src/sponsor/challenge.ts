import { InvalidError } from "../core/errors.js";

/** What a sponsor gives to be signed (docs/spec/sponsor.md). */
export interface Challenge {
  chain: string;
  service: string;
  address: string;
  difficulty: number;
  expires: number;
}

const FIRST = "StreamChain sponsored first use", SECOND = "This signature asks the sponsor named below to pay network fees. It moves no coins.";
const FIELDS = ["chain", "service", "address", "difficulty", "expires", "nonce", "seal"] as const;

/** Reads a challenge. Writing its fields gives the same bytes, or it is none: InvalidError. */
export function parseChallenge(text: string): Challenge {
  const lines = text.split("\n");
  const values = FIELDS.map((name, i) => {
    const line = lines[i + 2] ?? "";
    return line.startsWith(name + ": ") ? line.slice(name.length + 2) : "";
  });
  const [chain, service, address, difficulty, expires, nonce, seal] = values as [string, string, string, string, string, string, string];
  const again = [FIRST, SECOND, ...FIELDS.map((name, i) => `${name}: ${values[i]}`)].join("\n");
  const whole = again === text && values.every((v) => v !== "" && !/[\s\p{C}]/u.test(v));
  if (!whole || !/^(0|[1-9]\d{0,2})$/.test(difficulty) || !/^[1-9]\d{0,11}$/.test(expires) || !/^[\w-]{22}$/.test(nonce) || !/^[\w-]{43}$/.test(seal)) {
    throw new InvalidError("challenge", "what the sponsor asks to sign is no challenge; use another sponsor");
  }
  return { chain, service, address, difficulty: Number(difficulty), expires: Number(expires) };
}
