"""One module a vendor: each turns its vendor's payloads into canonical events, and is found by its being here."""

from collectors.vendors.register import vendor, vendors

__all__ = ["vendor", "vendors"]
