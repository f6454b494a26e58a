"""Do the draw of a release again: python3 recompute_draw.py SOURCE TICKET...

SOURCE is https://…/releases/CODE or a folder with its draw.json and tickets.txt. Prints the place
of each ticket, or says what does not fit. See docs/waiting-room.md; needs Python and nothing else.
"""

import hmac
import json
import pathlib
import sys
import urllib.request
from hashlib import sha256


def read(source, name):
    if source.startswith("http"):
        return urllib.request.urlopen(f"{source.rstrip('/')}/{name}").read().decode()
    return (pathlib.Path(source) / name).read_text()


def check(what, is_so):
    if not is_so:
        sys.exit(f"The draw does not hold: {what}.")


source, *tickets = sys.argv[1:]
facts = json.loads(read(source, "draw.json"))
listed = read(source, "tickets.txt").split()
secret, seed = bytes.fromhex(facts["secret"]), bytes.fromhex(facts["seed"])
list_digest = sha256("\n".join(sorted(listed)).encode())
check("the secret is not the committed one", sha256(secret).hexdigest() == facts["commitment"])
check("the list was changed", list_digest.hexdigest() == facts["list_digest"])
check("the list has a ticket twice", len(set(listed)) == len(listed) == facts["tickets"])
check("the seed is another one", hmac.digest(secret, list_digest.digest(), "sha256") == seed)
order = sorted(listed, key=lambda line: hmac.digest(seed, bytes.fromhex(line), "sha256"))
place = {digest: number for number, digest in enumerate(order, start=1)}
for ticket in tickets:
    print(ticket, place.get(sha256(ticket.encode()).hexdigest(), "was not drawn"))
