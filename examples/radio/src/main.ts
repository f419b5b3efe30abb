import { formatStream, parseStream } from "@streamchain/sdk";
import type { Wallet } from "@streamchain/sdk/wallet";
import { Radio } from "./radio.js";
import { Queue, readStation } from "./station.js";
import { deviceWallet, extensions, hasWallet, viewerOf } from "./wallet.js";

const at = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;
const say = (id: string, text: string): void => {
  at(id).textContent = text;
};

async function main(): Promise<void> {
  const station = await readStation(), queue = new Queue(station), config = await queue.config();
  document.title = station.name;
  say("name", station.name);
  say("about", station.about);
  const audio = at<HTMLAudioElement>("audio"), play = at<HTMLButtonElement>("play"), next = at<HTMLButtonElement>("next"), cap = at<HTMLInputElement>("cap");

  const radio = new Radio(audio, queue, { rest: config.rest, chainId: config.chain_id }, {
    song: ({ work, reason }) => {
      say("title", work.title);
      say("by", [work.creator.handle ?? work.creator.id, work.licence].filter(Boolean).join(" · "));
      say("reason", queue.fallback ? `The feed does not answer (${queue.fallback}); this is what people pay for now.` : reason);
      next.disabled = false;
      list();
    },
    spent: (amount) => say("spent", formatStream(amount)),
    says: (text) => say("status", text),
  });
  const list = (): void =>
    at("queue").replaceChildren(...queue.coming(8).map(({ work, reason }) => {
      const item = document.createElement("li"), why = document.createElement("small");
      item.textContent = work.title;
      why.textContent = [work.offers.some((o) => o.kind === "free") ? "free" : "paid by the second", reason].filter(Boolean).join(" · ");
      item.append(why);
      return item;
    }));

  const limit = (): void => {
    try {
      const amount = parseStream(cap.value);
      cap.setCustomValidity("");
      radio.limit(amount);
    } catch (e) {
      cap.setCustomValidity(e instanceof Error ? e.message : "not an amount");
      cap.reportValidity();
    }
  };
  cap.addEventListener("change", limit);
  play.addEventListener("click", () => void radio.toggle().catch((e: unknown) => say("status", String(e))));
  next.addEventListener("click", () => void radio.next());
  for (const event of ["play", "pause"]) audio.addEventListener(event, () => say("play", audio.paused ? "Listen" : "Pause"));
  audio.addEventListener("timeupdate", () => {
    at<HTMLProgressElement>("progress").value = audio.duration > 0 ? audio.currentTime / audio.duration : 0;
  });

  const use = (wallet: Wallet): void => {
    radio.viewer = viewerOf(wallet, config);
    limit();
    say("wallet", `${wallet.name} pays for what is paid by the second, once you have allowed it.`);
    say("address", wallet.address);
    at("device").hidden = true;
    at("extensions").hidden = true;
  };
  const failed = (e: unknown): void => say("wallet", e instanceof Error ? e.message : String(e));
  if (hasWallet()) say("open", "Open the wallet of this device");
  at<HTMLFormElement>("device").addEventListener("submit", (e) => {
    e.preventDefault();
    deviceWallet(at<HTMLInputElement>("password").value).then(({ wallet, words }) => {
      use(wallet);
      at("words").hidden = words === undefined;
      say("words", words ? `Write these words down, they are the wallet: ${words}` : "");
    }, failed);
  });
  at("extensions").replaceChildren(...extensions().map(({ name, connect }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `Use ${name}`;
    button.addEventListener("click", () => void connect(config).then(use, failed));
    return button;
  }));
  await queue.more();
  list();
}

main().catch((e: unknown) => say("status", e instanceof Error ? e.message : String(e)));
