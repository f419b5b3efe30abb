"""What scripts/examples.sh puts in the feed's place: `hostile.py MODE ADDRESS KEY FEED CHAIN`.

MODE is slow, drip, unsigned, markup, huge, bomb or redirect. Nothing here is a pattern to follow.
"""
import gzip
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ed25519
import feed

mode, address, key, feed_id, chain_id = sys.argv[1:]
with open(key) as f:
    SEED = bytes.fromhex(f.read().strip())
# made before anybody asks: they are to be large, not slow
BOMB = gzip.compress(b"0" * (64 << 20))
MILLION = b'{"items":[' + b'{"work":"x","reason":"y"},' * 1_000_000 + b"{}]}"


class Hostile(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        item = {"work": "bafyrei" + "a" * 52, "reason": "<img src=x onerror=alert(1)>" if mode == "markup" else "x"}
        out = {"feed": feed_id, "nonce": json.loads(body)["nonce"], "time": int(time.time()), "items": [item]}
        out, extra = json.dumps(out).encode(), []
        if mode == "slow":
            time.sleep(6)
        if mode == "bomb":
            out, extra = BOMB, [("Content-Encoding", "gzip")]
        if mode == "huge":
            out = MILLION
        self.send_response(307 if mode == "redirect" else 200)
        signature = "0" * 128 if mode == "unsigned" else ed25519.sign(SEED, feed.sign_bytes(chain_id, body, out[:1 << 20])).hex()
        for name, value in [("Stream-Feed-Signature", signature), ("Location", "http://127.0.0.1:1/"), *extra]:
            self.send_header(name, value)
        self.end_headers()
        try:
            for i in range(len(out) if mode == "drip" else 1):
                self.wfile.write(out[i:i + 1] if mode == "drip" else out)
                self.wfile.flush()
                time.sleep(0.2 if mode == "drip" else 0)
        except OSError:
            pass  # the indexer had enough

    def log_message(self, *args):
        pass


host, port = address.rsplit(":", 1)
ThreadingHTTPServer((host, int(port)), Hostile).serve_forever()
