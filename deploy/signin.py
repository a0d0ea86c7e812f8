"""Signing in to the hub with the rosters: a number and a password, or, for the youngest, three tapped pictures."""

import asyncio
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.login import LoginHandler
from tornado import web
from traitlets import Unicode

from deploy import look
from grading.passwords import hash_secret, verify_secret
from grading.picture_passwords import PICTURES
from grading.roster import Rosters, read_rosters

NOBODY = hash_secret("nobody has this secret")


class StaticFiles(web.StaticFileHandler):
    """Our style sheet, font and scripts, before anybody has signed in."""

    def compute_etag(self) -> str | None:
        return None


class StyleSheet(web.RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", "max-age=3600")
        self.finish(look.style_sheet())


class Brake:
    """After some wrong secrets an account rests for a while, so that nobody tries all picture passwords."""

    def __init__(self, tries: int = 5, rest: float = 60, clock: Callable[[], float] = time.monotonic):
        self.tries, self.rest, self.clock = tries, rest, clock
        self._wrong: dict[str, list[float]] = defaultdict(list)

    def seconds_left(self, identifier: str) -> int:
        now = self.clock()
        recent = [at for at in self._wrong.get(identifier, []) if now - at < self.rest]
        if recent:
            self._wrong[identifier] = recent
        else:
            self._wrong.pop(identifier, None)
        return int(self.rest - (now - recent[-self.tries])) + 1 if len(recent) >= self.tries else 0

    def wrong(self, identifier: str) -> None:
        self._wrong[identifier].append(self.clock())

    def right(self, identifier: str) -> None:
        self._wrong.pop(identifier, None)


class RosterAuthenticator(Authenticator):
    classes = Unicode(config=True, help="folder with one folder per class")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.brake = Brake()
        self.allow_all = True

    def rosters(self) -> Rosters:
        return read_rosters(Path(self.classes))

    async def authenticate(self, handler: web.RequestHandler, data: dict[str, str]) -> str | None:
        identifier = unicodedata.normalize("NFKC", data.get("username", "")).strip().lower()
        left = self.brake.seconds_left(identifier)
        if left:
            raise web.HTTPError(429, f"试了好几次都没对上。请等 {left} 秒再试，或者请老师帮忙。")
        stored = [person.secret for person in self.rosters().people(identifier)] or [NOBODY]
        # scrypt is slow on purpose; the hub goes on serving the other forty meanwhile
        checks = [await asyncio.to_thread(verify_secret, data.get("password", ""), one) for one in stored]
        if not any(checks):
            self.brake.wrong(identifier)
            return None
        self.brake.right(identifier)
        return identifier

    def picture_classes(self) -> list[dict[str, Any]]:
        """For the sign-in page: classes whose children tap, with their names."""
        return [
            {"code": c.code, "title": c.title, "pupils": [{"id": p.id, "name": p.name} for p in c.pupils]}
            for c in self.rosters().classes
            if c.taps_pictures and c.pupils
        ]

    def pictures(self) -> dict[str, str]:
        return {name: word for name, (word, _) in PICTURES.items()}

    def get_handlers(self, app: Any) -> list[tuple[Any, ...]]:
        return [
            (r"/login", LoginHandler),
            (r"/haike/haike\.css", StyleSheet),
            (r"/haike/font/(.*)", StaticFiles, {"path": str(look.font().parent)}),
            (r"/haike/(.*)", StaticFiles, {"path": str(look.STATIC)}),
        ]
