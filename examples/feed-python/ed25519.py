"""Ed25519 (RFC 8032), after the reference code of its section 6: short, and for signing only.

Its running time depends on the key. That is bearable for the key of a feed, which moves no coins, answering a few questions a
second; for anything else take a library.
"""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _add(a, b):  # points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z
    A, B = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    C, E = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = B - A, E - C, E + C, B + A
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _base():
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x % 2:
        x = P - x
    return (x, y, 1, x * y % P)


POWERS = [_base()]  # B, 2B, 4B, ...
for _ in range(255):
    POWERS.append(_add(POWERS[-1], POWERS[-1]))


def _times_base(n):
    q = (0, 1, 1, 0)
    for power in POWERS:
        if n & 1:
            q = _add(q, power)
        n >>= 1
    return q


def _encode(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little")
    return (a & (1 << 254) - 8) | 1 << 254, h[32:]


def public_key(seed):
    return _encode(_times_base(_expand(seed)[0]))


def sign(seed, message):
    a, prefix = _expand(seed)
    public = _encode(_times_base(a))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = _encode(_times_base(r))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % L
    return point + ((r + k * a) % L).to_bytes(32, "little")
