"""Shapes that many answers have."""

from typing import Any, Final

SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROW: Final[dict[str, Any]] = {"type": "object", "additionalProperties": True}
_NEXT: Final[dict[str, Any]] = {
    "type": ["string", "integer", "null"],
    "description": "What asks for the page behind; null where there is none.",
}
_TEXT: Final[dict[str, Any]] = {"type": "string"}

SHAPES: Final[dict[str, dict[str, Any]]] = {
    "Error": {
        "title": "Error",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "where", "help"],
                "properties": {
                    "code": _TEXT | {"description": "The kind of mistake, for programs."},
                    "message": _TEXT | {"description": "What is wrong."},
                    "where": _TEXT | {"description": "The parameter, header, field or setting."},
                    "help": _TEXT | {"description": "What to do."},
                },
            }
        },
    },
    "FeedError": {
        "title": "FeedError",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": _TEXT, "message": _TEXT, "target": _TEXT},
            }
        },
    },
    "ClientError": {
        "title": "ClientError",
        "description": "As client libraries of events read it.",
        "type": "object",
        "required": ["code", "message"],
        "properties": {"success": {"type": "boolean"}, "code": _TEXT, "message": _TEXT},
    },
    "Listing": {
        "title": "Listing",
        "type": "object",
        "required": ["items", "total", "next"],
        "properties": {"items": {"type": "array", "items": _ROW}, "total": {"type": "integer"}, "next": _NEXT},
    },
    "Report": {
        "title": "Report",
        "description": "Rows, their totals, what was asked, and the run of attribution that was read.",
        "type": "object",
        "required": ["items", "total", "next", "totals", "question", "run"],
        "properties": {
            "items": {"type": "array", "items": _ROW},
            "total": {"type": "integer", "description": "Of all pages."},
            "next": _NEXT,
            "totals": {"type": ["object", "null"]},
            "question": {"type": "object"},
            "run": {"type": ["object", "null"]},
        },
    },
    "Taken": {
        "title": "Taken",
        "type": "object",
        "required": ["accepted", "duplicates", "rejected"],
        "properties": {
            "accepted": {"type": "integer", "minimum": 0},
            "duplicates": {"type": "integer", "minimum": 0},
            "rejected": {"type": "array", "items": _ROW},
        },
    },
    "FeedPage": {
        "title": "FeedPage",
        "type": "object",
        "required": ["@odata.context", "value"],
        "properties": {
            "@odata.context": _TEXT,
            "@odata.count": {"type": "integer"},
            "@odata.nextLink": _TEXT,
            "value": {"type": "array", "items": _ROW},
        },
    },
}


def shape(name: str) -> dict[str, Any]:
    """A reference to one of them."""
    if name not in SHAPES:
        raise KeyError(name)
    return {"$ref": f"#/components/schemas/{name}"}
