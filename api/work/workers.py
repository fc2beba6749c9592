"""Whoever asks, as contractor work knows them."""

from api.viewer import Viewer
from planning.work.asking import Asked
from planning.work.people import Worker


def worker_of(viewer: Viewer) -> Worker:
    return Worker(viewer.name, viewer.seen, viewer.rights, viewer.user.role if viewer.user else None)


def asked_by(viewer: Viewer, based_on: int = 0, comment: str = "") -> Asked:
    return Asked(worker_of(viewer), based_on, comment)
