"""A feed generator for StreamChain: songs under four minutes, under Creative Commons, by newcomers.

    python3 feed.py key feed.key                       make a key, print what to register
    python3 feed.py serve --key feed.key --feed stream1…/short-songs --api http://127.0.0.1:8080/api/v1

Python's standard library alone. The protocol is docs/spec/feeds.md; change `picks` to make a feed of your own.
"""
import argparse
import hashlib
import json
import os
import re
import struct
import sys
import threading
import time
import unicodedata
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ed25519

VERSION, MAX_BODY, MAX_ITEMS = 1, 256 << 10, 100
ABOUT = "Songs under four minutes under Creative Commons licences by creators of at most three works, newest first, from the open discovery API. Keeps nothing of what it is asked."


# --- what is recommended ---------------------------------------------------------------------------------------------

def picks(works, works_of):
    """Yields (root, reason). works are the discovery API's, newest first; works_of says how many a creator has."""
    for w in works:
        seconds, licence, n = w.get("duration_seconds", 0), w.get("licence", ""), works_of(w["creator"]["id"])
        if w["kind"] == "audio" and 0 < seconds < 240 and re.match(r"CC(0|-)", licence) and n <= 3:
            which = "the first work" if n == 1 else f"one of {n} works"
            yield w["root"], line(f"{seconds // 60}:{seconds % 60:02d} long, {licence}, {which} of its creator")


def line(s):
    """What may stand in a reason: a line of 200 characters in NFC without controls, formats, < and >."""
    s = "".join(c for c in unicodedata.normalize("NFC", s) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "<>\ufffd")
    return s[:200].strip() or "a short song"


# --- where it comes from ---------------------------------------------------------------------------------------------

class Catalogue:
    """What the discovery API says, read again from time to time."""

    def __init__(self, api):
        self.api, self.items = api.rstrip("/"), []
        self.chain_id = self.get("/config")["chain_id"]
        self.refresh()

    def get(self, path, **query):
        with urllib.request.urlopen(self.api + path + "?" + urllib.parse.urlencode(query), timeout=10) as r:
            return json.load(r)

    def refresh(self, most=5000):
        works, cursor = [], ""
        while len(works) < most:
            page = self.get("/works", kind="audio", sort="newest", limit=100, **({"cursor": cursor} if cursor else {}))
            works += page["items"]
            cursor = page.get("cursor", "")
            if not cursor or not page["items"]:
                break
        known = {}

        def works_of(creator):
            if creator not in known:
                known[creator] = self.get("/creators/" + urllib.parse.quote(creator))["works"]
            return known[creator]

        self.items = [{"work": root, "reason": reason} for root, reason in picks(works, works_of)]

    def follow(self, every):
        while True:
            time.sleep(every)
            try:
                self.refresh()
            except Exception as e:  # the old list is better than none
                print("could not read the discovery API:", e, file=sys.stderr)


# --- the protocol ----------------------------------------------------------------------------------------------------

def sign_bytes(chain_id, request, response):
    c = chain_id.encode()
    return b"streamchain/feed/v1" + struct.pack(">H", len(c)) + c + hashlib.sha256(request).digest() + hashlib.sha256(response).digest()


class Refused(Exception):
    """A question that is refused; its text says why."""


def answer(body, chain_id, feed, items, now):
    """The bytes to answer a question with."""
    try:
        q = json.loads(body)
        limit, cursor = q["limit"], q.get("cursor", "") or "0"
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("not a question of the feed protocol") from None
    if q.get("version") != VERSION or q.get("chain_id") != chain_id or q.get("feed") != feed:
        raise Refused("another version, chain or feed")
    if type(limit) is not int or not 1 <= limit <= MAX_ITEMS or not isinstance(q.get("nonce"), str):
        raise Refused("limit is 1 to 100, and nonce is text")
    if not re.fullmatch(r"\d{1,6}", cursor if isinstance(cursor, str) else ""):
        raise Refused("not a cursor of this feed")
    start = int(cursor)
    out = {"feed": feed, "nonce": q["nonce"], "time": now, "items": items[start:start + limit]}
    if start + limit < len(items):
        out["cursor"] = str(start + limit)
    return json.dumps(out, ensure_ascii=False).encode()


def handler(catalogue, feed, seed):
    info = {"version": VERSION, "chain_id": catalogue.chain_id, "feeds": [feed], "key": ed25519.public_key(seed).hex(), "about": ABOUT}

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def send(self, status, body, kind, headers=()):
            self.send_response(status)
            for name, value in [("Content-Type", kind), ("Content-Length", str(len(body))), *headers]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def problem(self, status, detail):
            self.send(status, json.dumps({"status": status, "detail": detail}).encode(), "application/problem+json")

        def do_GET(self):
            if self.path == "/v1/info":
                return self.send(200, json.dumps(info).encode(), "application/json")
            self.problem(404, "POST /v1/feed, or GET /v1/info")

        def do_POST(self):
            size = self.headers.get("Content-Length", "")
            if self.path != "/v1/feed" or not size.isdigit() or int(size) > MAX_BODY:
                return self.problem(400, "POST /v1/feed with a body of at most 256 KiB")
            body = self.rfile.read(int(size))
            try:
                out = answer(body, catalogue.chain_id, feed, catalogue.items, int(time.time()))
            except Refused as e:
                return self.problem(400, str(e))
            signature = ed25519.sign(seed, sign_bytes(catalogue.chain_id, body, out)).hex()
            self.send(200, out, "application/json", [("Stream-Feed-Signature", signature)])

        def log_message(self, *args):  # nothing of what is asked is kept
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key").add_argument("file")
    serve = commands.add_parser("serve")
    for name, default in [("--key", "feed.key"), ("--feed", None), ("--api", "http://127.0.0.1:8080/api/v1"), ("--listen", "127.0.0.1:8201"), ("--every", "30")]:
        serve.add_argument(name, default=default, required=default is None)
    args = parser.parse_args()
    if args.command == "key":
        seed = os.urandom(32)
        with os.fdopen(os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(seed.hex() + "\n")
        return print(ed25519.public_key(seed).hex())
    with open(args.key) as f:
        seed = bytes.fromhex(f.read().strip())
    catalogue = Catalogue(args.api)
    threading.Thread(target=catalogue.follow, args=(float(args.every),), daemon=True).start()
    host, port = args.listen.rsplit(":", 1)
    print(f"{len(catalogue.items)} songs of {catalogue.chain_id}, at {args.listen}", flush=True)
    ThreadingHTTPServer((host, int(port)), handler(catalogue, args.feed, seed)).serve_forever()


if __name__ == "__main__":
    main()
