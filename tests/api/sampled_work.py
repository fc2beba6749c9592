"""Contractor work of the sample holding: a brief, a task of two versions, comments, and an act."""

import io
import struct
import zlib
from datetime import date
from decimal import Decimal

from api.bootstrap import Services
from attribution.visibility import EVERYTHING
from infra.access.rights import EVERY_RIGHT
from planning.work.act_register import SIGNED, add_act, attach_to_act
from planning.work.asking import Asked
from planning.work.brief_register import add_brief
from planning.work.comments import comment_on_task
from planning.work.documents import ActLineTold, ActTold, BriefTold, TaskKind, TaskTold
from planning.work.people import Worker
from planning.work.task_register import add_task
from planning.work.versions import NewFile, hand_in


def sampled_work(services: Services, dealer: str) -> dict[str, str]:
    """The numbers of the brief, of the task, and of the act, which was not handed in."""
    desk, asked = services.desk, Asked(Worker("admin link", EVERYTHING, EVERY_RIGHT))
    told = BriefTold(
        title="Autumn", text="Bring the **old** car.", dealers=(dealer,), contractor="board-pro", month="2026-11",
        budget=Decimal(90_000), deadline=date(2026, 11, 20),
    )  # fmt: skip
    brief = add_brief(desk, told, asked).id
    task = add_task(desk, brief, TaskTold(title="Billboard", due=date(2026, 11, 12), formats=("3×6 m",)), asked).id
    add_task(desk, brief, TaskTold(title="Radio spot", kind=TaskKind.AUDIO), asked)
    for shade in (b"\x40", b"\xc0"):
        picture = NewFile("billboard.png", desk.files.keep(io.BytesIO(png_of(shade))))
        hand_in(desk, task, [picture], "All formats", asked)
    comment_on_task(desk, task, "Larger, please, @Anna Petrova.", asked)
    line = ActLineTold(what="Billboard", task=task, net=Decimal(60_000), vat=Decimal(12_000))
    days = {"day": date(2026, 11, 16), "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 30)}
    act = add_act(desk, ActTold(number="A-1", contractor="board-pro", lines=(line,), **days), asked).id
    attach_to_act(desk, act, NewFile("act.pdf", desk.files.keep(io.BytesIO(b"%PDF-1.7"))), SIGNED, asked)
    return {"brief": str(brief), "task": str(task), "act": str(act)}


def png_of(shade: bytes) -> bytes:
    """A picture of one colour, 240 by 160."""
    rows = zlib.compress(b"".join(b"\0" + shade * 240 for _ in range(160)))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 240, 160, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
