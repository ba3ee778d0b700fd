"""What every page for people is sent with: a policy that allows nothing but what the page names."""

import base64
import hashlib


def sum_of(text: str) -> str:
    """Return the source expression that allows this very inline style or script (Content Security Policy 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def headers(*allowed: str, cache: str) -> dict[str, str]:
    """Return the headers of a page that may load what these directives name, and nothing else."""
    policy = ("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": cache,
    }
