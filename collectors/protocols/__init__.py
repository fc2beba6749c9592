"""What client libraries send: the protocols of Segment and RudderStack, PostHog, GA4 and Snowplow.

Each protocol's payload becomes messages of Segment's form, which alone are read into canonical events: names mean the
same whatever the library. Reading is pure; `inbox` makes durable.
"""
