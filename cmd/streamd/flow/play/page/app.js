"use strict";
(async () => {
  const video = document.getElementById("video"), notice = document.getElementById("notice"), paid = document.getElementById("paid");
  const master = new URL("media/master.m3u8", location.href).href;
  const text = (base) => {
    const stream = (BigInt(base) / 1000000n).toString(), rest = (BigInt(base) % 1000000n).toString().padStart(6, "0").replace(/0+$/, "");
    return (rest ? stream + "." + rest : stream) + " STREAM";
  };
  const say = (...what) => { notice.replaceChildren(...what); notice.hidden = false; };
  const code = (what) => Object.assign(document.createElement("code"), { textContent: what });
  let last = "", limit = "0";

  // what was paid is read once a second; it is said aloud only where it has changed
  const state = async () => {
    try {
      const s = await (await fetch("state")).json();
      limit = s.limit;
      let line = s.granted_by === "metered" ? `Paid ${text(s.spent)} of at most ${text(s.limit)}` : s.granted_by === "free" ? "Free" : "Yours: nothing more to pay";
      if (s.blamed && s.blamed.length) line += ` · ${s.blamed.length} of the nodes failed and were left`;
      if (line !== last) paid.textContent = last = line;
    } catch {
      paid.textContent = last = "The player was closed where it was started.";
    }
  };
  await state();
  setInterval(state, 1000);

  const refused = (status) => {
    if (status === 402) say(`The limit of ${text(limit)} is reached. What is paid plays to its end; start the player again with a higher `, code("--max-spend"), " to go on.");
    else say("The next part does not come: nobody who has it, or its keys, answers. Try again in a while.");
  };

  // captions stand beside the picture as they lie in the work
  const list = await fetch(master);
  if (!list.ok) { refused(list.status); return; }
  const tracks = [...(await list.text()).matchAll(/^#EXT-X-MEDIA:TYPE=SUBTITLES,.*$/gm)].map((m) => m[0]);
  const attr = (line, name) => (line.match(new RegExp(name + '="([^"]*)"')) || [])[1];
  for (const line of tracks) {
    const uri = attr(line, "URI");
    if (!uri || !/^captions\/[A-Za-z0-9.-]+\.m3u8$/.test(uri)) continue;
    const track = document.createElement("track");
    track.kind = "subtitles";
    track.label = attr(line, "NAME") || "";
    track.srclang = attr(line, "LANGUAGE") || "";
    track.src = new URL("media/" + uri.replace(/m3u8$/, "vtt"), location.href).href;
    video.append(track);
  }

  if (!Hls.isSupported()) { say("This browser cannot play streams. Take a newer one."); return; }
  // a quarter of a minute is enough against a slow line, and is what is paid ahead at most beside the window
  const hls = new Hls({ autoStartLoad: false, enableWorker: false, maxBufferLength: 15, maxMaxBufferLength: 15, backBufferLength: 60, startFragPrefetch: false });
  window.player = { hls, ready: false, errors: [] };
  hls.on(Hls.Events.ERROR, (_, data) => {
    window.player.errors.push(data.details);
    const status = data.response && data.response.code;
    if (status === 402) {
      hls.stopLoad();
      refused(402);
    } else if (data.fatal && data.type === Hls.ErrorTypes.MEDIA_ERROR) {
      hls.recoverMediaError();
    } else if (data.fatal) {
      refused(status);
    }
  });
  // nothing is fetched, and nothing paid, before somebody plays it
  const button = document.getElementById("play");
  let begun = false;
  button.addEventListener("click", () => {
    begun = button.hidden = video.controls = true;
    hls.startLoad(-1);
    video.focus();
    video.play().catch(() => {});
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    window.player.ready = true;
    button.disabled = false;
  });
  // whoever goes back to what is paid goes on from there
  video.addEventListener("seeking", () => { if (begun && !notice.hidden) hls.startLoad(video.currentTime); });
  video.poster = new URL("media/poster.jpg", location.href).href;
  hls.loadSource(master);
  hls.attachMedia(video);
})();
