"""python3 -m unittest, in this folder."""
import json
import os
import unittest

import ed25519
import feed

HERE = os.path.dirname(os.path.abspath(__file__))


class Ed25519(unittest.TestCase):
    def test_rfc_8032(self):  # section 7.1, tests 1 to 3
        for seed, public, message, signature in [
            ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
             "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        ]:
            seed = bytes.fromhex(seed)
            self.assertEqual(ed25519.public_key(seed).hex(), public)
            self.assertEqual(ed25519.sign(seed, bytes.fromhex(message)).hex(), signature)

    def test_vector(self):  # the protocol's, which the indexer is held to as well
        with open(os.path.join(HERE, "../../indexer/feeds/wire/testdata/feed.json"), encoding="utf-8") as f:
            v = json.load(f)
        message = feed.sign_bytes(v["chain_id"], v["request"].encode(), v["response"].encode())
        self.assertEqual(message.hex(), v["sign_bytes"])
        self.assertEqual(ed25519.public_key(bytes.fromhex(v["seed"])).hex(), v["key"])
        self.assertEqual(ed25519.sign(bytes.fromhex(v["seed"]), message).hex(), v["signature"])


def song(**change):
    return {"root": "r", "kind": "audio", "duration_seconds": 151, "licence": "CC-BY-4.0", "creator": {"id": "c"}, **change}


class Feed(unittest.TestCase):
    def test_picks(self):
        self.assertEqual(list(feed.picks([song()], lambda c: 1)), [("r", "2:31 long, CC-BY-4.0, the first work of its creator")])
        self.assertEqual(list(feed.picks([song(licence="CC0-1.0")], lambda c: 3)), [("r", "2:31 long, CC0-1.0, one of 3 works of its creator")])
        for other in [song(kind="video"), song(duration_seconds=240), song(duration_seconds=0), song(licence="proprietary"), song(licence=""), song(licence="CCX")]:
            self.assertEqual(list(feed.picks([other], lambda c: 1)), [])
        self.assertEqual(list(feed.picks([song()], lambda c: 4)), [])

    def test_lines(self):
        self.assertEqual(feed.line("a<b>\u202e\n\u200bc e\u0301"), "abc \u00e9")
        self.assertEqual(len(feed.line("x" * 500)), 200)
        self.assertEqual(feed.line("\n"), "a short song")

    def test_answer(self):
        items = [{"work": str(i), "reason": "x"} for i in range(5)]
        good = {"version": 1, "chain_id": "c", "feed": "o/f", "limit": 2, "nonce": "n"}

        def ask(**change):
            return json.loads(feed.answer(json.dumps({**good, **change}).encode(), "c", "o/f", items, 7))
        self.assertEqual(ask(), {"feed": "o/f", "nonce": "n", "time": 7, "items": items[:2], "cursor": "2"})
        self.assertEqual(ask(cursor="4"), {"feed": "o/f", "nonce": "n", "time": 7, "items": items[4:]})
        self.assertEqual(ask(cursor="999")["items"], [])
        for bad in [{"version": 2}, {"chain_id": "d"}, {"feed": "o/g"}, {"limit": 0}, {"limit": 101}, {"limit": True}, {"limit": "2"}, {"nonce": 1}, {"cursor": "-1"}, {"cursor": 3}, {"cursor": "x"}]:
            with self.assertRaises(feed.Refused, msg=str(bad)):
                ask(**bad)
        for body in [b"", b"[]", b"null", b"{}", b"\xff"]:
            with self.assertRaises(feed.Refused, msg=str(body)):
                feed.answer(body, "c", "o/f", items, 7)


if __name__ == "__main__":
    unittest.main()
