"""Requirements: from a theme or an idea to "the model must ...", written where the theme or idea stands.

What stands on the page is in `requirements_desk`, on a projector in `requirements_room`; what opens at its side in
`requirements_drawer`, `requirements_theme` and `requirements_ideas`."""

from __future__ import annotations

from workbench.language import t
from workbench.ui import session, shell

from . import requirements_desk as desk
from . import requirements_drawer as drawer
from . import requirements_ideas as ideas
from . import requirements_room as room
from . import requirements_theme as theme
from .requirements_rows import read


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.requirements"))
    sheet = read(ctx)
    if session.projector():
        room.draw(sheet)
    else:
        desk.draw(sheet)
    # At most one drawer is open: the address says which.
    if found := sheet.requirement(session.asked("requirement")):
        drawer.draw(sheet, found)
    elif (asked := session.asked("about")) in sheet.headings:
        theme.draw(sheet, str(asked))
    elif idea := next((i for i in sheet.ideas if i.id == session.asked("idea")), None):
        ideas.draw(sheet, idea)
