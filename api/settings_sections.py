"""What can be set, in the order of the page of settings, and who may look at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.auth import Needs, may_administer, may_read
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Section:
    """`text` says what is set there; both are English, and put into the reader's language by templates."""

    title: str
    address: str
    text: str
    needs: Needs = may_read


SECTIONS = (
    Section("Channel rules", "/settings/channel-rules", "Which touches make which channel."),
    Section("Users", "/settings/users", "Who may come in, with which role, and whose rows they see.", may_administer),
    Section("Keys", "/settings/keys", "Keys of programs that send events or read reports.", may_administer),
)


def sections_for(viewer: Viewer) -> Sequence[Section]:
    return [section for section in SECTIONS if section.needs.lets_in(viewer)]
