"""The classroom's own pages inside everybody's server: a pupil's lessons, handing in, feedback; a teacher's classes.

A Jupyter server extension. Lessons open in Notebook (from grade 5) or Voila (the young ones); both get our buttons.
"""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, select_autoescape
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from markupsafe import Markup
from tornado import web
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import PeriodicCallback

from courses.stage import stage
from deploy import look
from deploy.left_kernels import end_left_kernels
from deploy.my_lessons import LessonFault, MyLessons
from deploy.page_pinyin import ruby_where_young

HERE = Path(__file__).resolve().parent
HERE_TIME = ZoneInfo("Asia/Shanghai")
BOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; font-src data:"
WHICH = r"/([\w.-]+)/([\w.-]+)"


class Page(JupyterHandler):
    """A page of ours: templates, one pupil's lessons, and faults told in a friendly way."""

    @property
    def lessons(self) -> MyLessons:
        return self.settings["haike_lessons"]

    @property
    def classes(self) -> dict[str, Any]:
        return json.loads(os.environ.get("HAIKE_CLASSES") or "{}")

    @property
    def young(self) -> bool:
        grades = [each["grade"] for each in self.classes.values()]
        return bool(grades) and all(stage(grade).read_aloud for grade in grades)

    async def ask(self, question: Any, *arguments: Any) -> Any:
        """Ask the exchange in a thread, one question at a time: it reads files and calls the hub."""
        async with self.settings["haike_turn"]:
            return await asyncio.to_thread(question, *arguments)

    def show(self, template: str, status: int = 200, **words: Any) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        common = {
            "home": url_path_join(self.base_url, "haike/"),
            "base": self.base_url,
            "hub": os.environ.get("JUPYTERHUB_BASE_URL", "/") + "hub/",
            "name": os.environ.get("HAIKE_NAME", ""),
            "teacher": is_teacher(),
            "young": self.young,
            "say": ruby_where_young(self.young),
            "picture": lambda which: Markup(look.picture(which)),
            "xsrf": Markup(self.xsrf_form_html()),
        }
        page = self.settings["haike_templates"].get_template(template)
        self.finish(page.render({**common, **words}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        fault = kwargs.get("exc_info", (None, None, None))[1]
        words = {403: "这一页放得太久了。回到首页，再来一次。", 404: "没有这一页。回到首页看看。"}
        sentence = str(fault) if isinstance(fault, LessonFault) else words.get(status_code)
        self.show("trouble.html", 404 if isinstance(fault, LessonFault) else status_code, sentence=sentence)

    def log_exception(self, kind: Any, value: Any, trace: Any) -> None:
        if isinstance(value, LessonFault):
            self.log.warning("told the pupil: %s", value)
        else:
            super().log_exception(kind, value, trace)


class Home(Page):
    @web.authenticated
    async def get(self) -> None:
        if is_teacher():
            self.show("teacher.html", classes=self.classes)
            return
        await end_left_kernels(self.settings)
        found = await self.ask(self.lessons.all)
        order = {"half": 0, "new": 1, "back": 2, "sent": 3}
        found.sort(key=lambda lesson: order[lesson.state])
        now = datetime.now(HERE_TIME)
        self.show("home.html", lessons=found, classes=self.classes, hello=greeting(now.hour), clock=clock)


class Open(Page):
    @web.authenticated
    async def post(self) -> None:
        lesson = await self.ask(self.lessons.fetch, self.get_body_argument("course"), self.get_body_argument("lesson"))
        self.redirect(url_path_join(self.base_url, lesson.page))


class HandIn(Page):
    """One question before, one answer after: a small finger may have slipped."""

    @web.authenticated
    async def get(self, course: str, lesson: str) -> None:
        self.show("hand_in.html", lesson=await self.ask(self.lessons.one, course, lesson))

    @web.authenticated
    async def post(self, course: str, lesson: str) -> None:
        self.show("handed_in.html", lesson=await self.ask(self.lessons.hand_in, course, lesson), clock=clock)


class Feedback(Page):
    @web.authenticated
    async def get(self, course: str, lesson: str) -> None:
        await self.ask(self.lessons.feedback, course, lesson)
        self.show("feedback.html", lesson=await self.ask(self.lessons.one, course, lesson))


class FeedbackPage(Page):
    """nbgrader's page as it was released, in a box without scripts: the answers in it were written by somebody."""

    @web.authenticated
    async def get(self, course: str, lesson: str) -> None:
        page = await self.ask(self.lessons.feedback, course, lesson)
        self.set_header("Content-Security-Policy", sandbox(self.request))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        content = page.read_bytes()
        font = look.font_face(url_path_join(self.base_url, "haike/static/")).encode()
        content = content.replace(b"<head>", b"<head>" + font, 1)  # for a machine without any Chinese font
        self.finish(content)


class Picture(Page):
    """The lesson's own first picture, for its card."""

    @web.authenticated
    async def get(self, course: str, lesson: str) -> None:
        path = (await self.ask(self.lessons.one, course, lesson)).picture
        if path is None:
            raise web.HTTPError(404)
        self.set_header("Content-Security-Policy", sandbox(self.request))
        self.set_header("Content-Type", {".svg": "image/svg+xml", ".png": "image/png"}.get(path.suffix, "image/jpeg"))
        self.finish(path.read_bytes())


class StyleSheet(JupyterHandler):
    @web.authenticated
    async def get(self, which: str) -> None:
        more = {"haike": (), "child": ("child.css",), "notebook": ("notebook.css",)}[which]
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(look.style_sheet(*more))


class StaticFiles(web.StaticFileHandler):
    """Style, scripts and font hold nothing private; a path outside the folder is refused by tornado."""

    def set_extra_headers(self, path: str) -> None:
        # the sandboxed feedback page is nobody's origin and needs the font all the same
        self.set_header("Access-Control-Allow-Origin", "*")


class ToHome(JupyterHandler):
    """Notebook's file list is nothing for a pupil: whoever comes to it goes home."""

    @web.authenticated
    async def get(self, path: str = "") -> None:
        self.redirect(url_path_join(self.base_url, "haike/"))


class KeepKernel(JupyterHandler):
    """Voila's page ends its kernel when it closes; the last tap may still be on its way then. See left_kernels."""

    @web.authenticated
    async def post(self, path: str = "") -> None:
        self.set_status(204)

    def check_xsrf_cookie(self) -> None:
        """It changes nothing, and a closing page's beacon carries no token."""


def sandbox(request: HTTPServerRequest) -> str:
    """No script, no form, no address but this server's font: the page's content was written by somebody else."""
    return f"{BOX} {request.protocol}://{request.host}"


def is_teacher() -> bool:
    return os.environ.get("HAIKE_ROLE") == "teacher"


def greeting(hour: int) -> str:
    return "早上好" if 4 <= hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"


def clock(moment: datetime) -> str:
    here = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(HERE_TIME)
    return f"{here.month} 月 {here.day} 日 {here:%H:%M}"


def handlers(base: str) -> list[tuple[Any, ...]]:
    pages: list[tuple[Any, ...]] = [
        (r"/haike/?", Home),
        (r"/haike/open", Open),
        (r"/haike/hand-in" + WHICH, HandIn),
        (r"/haike/feedback" + WHICH, Feedback),
        (r"/haike/feedback" + WHICH + "/page", FeedbackPage),
        (r"/haike/picture" + WHICH, Picture),
        (r"/haike/static/(haike|child|notebook)\.css", StyleSheet),
        (r"/haike/static/font/(.*)", StaticFiles, {"path": str(look.font().parent)}),
        (r"/haike/static/(.*)", StaticFiles, {"path": str(look.STATIC)}),
    ]
    if not is_teacher():
        pages += [
            (r"/tree(.*)", ToHome),
            (r"/lab(|/|/tree.*|/workspaces.*)", ToHome),
            (r"/voila/api/shutdown/(.*)", KeepKernel),
        ]
    return [(url_path_join(base, address), *rest) for address, *rest in pages]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "deploy.pupil_pages"}]


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    settings["haike_lessons"] = MyLessons(Path(server.root_dir), server.log)
    settings["haike_turn"] = asyncio.Lock()
    settings["haike_templates"] = Environment(
        loader=FileSystemLoader(HERE / "templates" / "pupil"), autoescape=select_autoescape(), trim_blocks=True
    )
    server.web_app.add_handlers(".*$", handlers(settings["base_url"]))


async def _start_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    if is_teacher():
        return
    # Notebook's page with our bar in it: our template of the same name extends Notebook's own
    notebook = settings.get("notebook_jinja2_env")
    if notebook is not None:
        ours = FileSystemLoader(HERE / "templates" / "notebook")
        notebook.loader = ChoiceLoader([PrefixLoader({"notebook": notebook.loader}), ours, notebook.loader])
    settings["haike_sweep"] = PeriodicCallback(lambda: end_left_kernels(settings), 30_000)
    settings["haike_sweep"].start()
