// Generates src/gen from proto/ and third_party/ (which scripts/protos.sh fills). What comes out is committed: an app builds without Go and
// without protos. Besides: the types and paths of the discovery API, and the chain's errors.
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { errorTable } from "./errortable.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const repo = join(here, "..", "..");
const bin = (name) => join(here, "node_modules", ".bin", name);

/** What an app needs of the modules that are not ours; what these are made of comes along. */
const cosmos = [
  "auth.v1beta1.Query.AccountInfo",
  "authz.v1beta1.GenericAuthorization", "authz.v1beta1.Msg",
  "bank.v1beta1.Query.AllBalances", "bank.v1beta1.Query.Balance", "bank.v1beta1.Query.SpendableBalances", "bank.v1beta1.Query.SupplyOf", "bank.v1beta1.Msg", "bank.v1beta1.SendAuthorization", "consensus.v1.Msg",
  "crypto.secp256k1.PubKey",
  "distribution.v1beta1.Query.DelegationRewards", "distribution.v1beta1.Query.DelegationTotalRewards", "distribution.v1beta1.Msg",
  "feegrant.v1beta1.Query.Allowance", "feegrant.v1beta1.Query.Allowances", "feegrant.v1beta1.Msg", "feegrant.v1beta1.BasicAllowance", "feegrant.v1beta1.PeriodicAllowance",
  "feegrant.v1beta1.AllowedMsgAllowance",
  "gov.v1.Query", "gov.v1.Msg", "slashing.v1beta1.Msg",
  "staking.v1beta1.Query.Validators", "staking.v1beta1.Query.Validator", "staking.v1beta1.Query.Delegation", "staking.v1beta1.Query.DelegatorDelegations",
  "staking.v1beta1.Query.DelegatorUnbondingDelegations", "staking.v1beta1.Query.Redelegations", "staking.v1beta1.Query.Pool", "staking.v1beta1.Query.Params",
  "staking.v1beta1.Msg", "staking.v1beta1.StakeAuthorization",
  "tx.signing.v1beta1.SignMode", "tx.v1beta1.Tx", "tx.v1beta1.TxRaw", "tx.v1beta1.SignDoc",
  "upgrade.v1beta1.Msg", "vesting.v1beta1.Msg",
].map((t) => "cosmos." + t);
const modules = readdirSync(join(repo, "proto", "streamchain")).sort();
const types = [...cosmos, ...modules.map((m) => `streamchain.${m}.v1`)];

/** Leaves out the bytes of methods' options, which nothing reads. */
const trim = (code) => code.replace(/^( {6})options: \{\n(?: {8}.*\n)*? {6}\},\n/gm, "").replace(/^ {6}options: \{.*\},\n/gm, "");

const files = (dir) => readdirSync(dir, { recursive: true }).filter((f) => f.endsWith(".ts")).map((f) => join(dir, f)).sort();

/** The files that some files are made of. */
function imports(list, seen = new Set()) {
  for (const file of list) {
    if (seen.has(file)) continue;
    seen.add(file);
    imports([...readFileSync(file, "utf8").matchAll(/^(?:import .*|\}) from "(\..*)\.js";$/gm)].map(([, to]) => join(dirname(file), to + ".ts")), seen);
  }
  return seen;
}

const out = mkdtempSync(join(tmpdir(), "gen-"));
const gen = join(here, "src", "gen");
try {
  // once with what reads JSON, for the events of blocks, and once without: it is a third of the code
  await Promise.all(["false", "from-only"].map((json) => {
    const template = {
      version: "v2",
      plugins: [{
        local: bin("protoc-gen-ts_proto"), out: json,
        opt: ["esModuleInterop=true", "importSuffix=.js", "forceLong=bigint", "outputServices=generic-definitions", "outputTypeAnnotations=static-only", "useExactTypes=false", "outputJsonMethods=" + json],
      }],
    };
    return promisify(execFile)(bin("buf"), ["generate", "--template", JSON.stringify(template), "--include-imports", "-o", out, ...types.flatMap((t) => ["--type", t])], { cwd: repo });
  }));
  const plain = join(out, "false"), withJson = join(out, "from-only");
  const json = new Set([...imports(files(withJson).filter((f) => /streamchain.*\/(events|pass)\.ts$/.test(f)))].map((f) => relative(withJson, f)));
  const named = types.map((t) => join(plain, ...t.split(".").filter((part) => !/^[A-Z]/.test(part))));
  rmSync(gen, { recursive: true, force: true });
  // what only annotates protos is imported by no code, and an app has no genesis
  for (const file of imports(files(plain).filter((f) => named.includes(dirname(f)) && !f.endsWith("genesis.ts")))) {
    const path = relative(plain, file), to = join(gen, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, trim(readFileSync(json.has(path) ? join(withJson, path) : file, "utf8")));
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}

const api = join(repo, "indexer", "api", "openapi.yaml"), discovery = join(here, "src", "discovery");
execFileSync(bin("openapi-typescript"), [api, "-o", join(discovery, "schema.ts")], { stdio: ["ignore", "ignore", "inherit"] });
// method and path of each operation, out of the types that were just made
const schema = readFileSync(join(discovery, "schema.ts"), "utf8");
const routes = [...schema.slice(0, schema.indexOf("export type webhooks")).matchAll(/^ {4}"(\/[^"]*)": \{\n([^]*?)^ {4}\};/gm)]
  .flatMap(([, path, body]) => [...body.matchAll(/^ {8}(get|put|post|delete): operations\["(\w+)"\];/gm)].map(([, method, id]) => [id, method.toUpperCase(), path]))
  .filter(([id]) => id !== "streamEvents").sort();
writeFileSync(join(discovery, "operations.ts"), `// Code generated by scripts/gen.mjs. DO NOT EDIT.

/** Method and path of each operation of the discovery API but the stream of events. */
export const operationPaths = {
${routes.map(([id, method, path]) => `  ${id}: ["${method}", "${path}"],`).join("\n")}
} as const;
`);
writeFileSync(join(here, "src", "chain", "errortable.ts"), errorTable(repo));
