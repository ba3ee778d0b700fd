"""The closed vocabulary of refusal: why an input was not taken.

The same word stands in the HTTP body, in the metric label and in the header of a dead letter (law 7), so that
whoever finds one of them finds the others. Read from top to bottom it is the glossary of what can go wrong.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused. The value is part of the public contract: never rename one."""

    # Requests
    MALFORMED_JSON = "malformed_json"
    """The body is not JSON (or nests deeper than can be read)."""
    EMPTY_BODY = "empty_body"
    """The request needs a body and has none."""
    BODY_TOO_LARGE = "body_too_large"
    """The body exceeds the limit (HTTP 413)."""
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    """The Content-Type is not one this resource takes."""
    UNKNOWN_PARAMETER = "unknown_parameter"
    """A query parameter that the resource does not have; names are case-sensitive (XAPI-00324, XAPI-00325)."""
    INVALID_PARAMETER = "invalid_parameter"
    """A query parameter whose value is not of its kind, or that may not stand beside another one."""
    MISSING_PARAMETER = "missing_parameter"
    """A required query parameter or header is absent."""
    MISSING_VERSION = "missing_version"
    """No X-Experience-API-Version header."""
    UNSUPPORTED_VERSION = "unsupported_version"
    """An X-Experience-API-Version that this LRS does not speak."""
    NOT_SUPPORTED = "not_supported"
    """A part of the specification that this LRS does not offer yet."""
    UNAUTHENTICATED = "unauthenticated"
    """No credential, an unknown one, a wrong secret or a revoked one (HTTP 401)."""
    FORBIDDEN = "forbidden"
    """The credential lacks the scope, or the viewer lacks a share (HTTP 403)."""
    NOT_FOUND = "not_found"
    """Nothing is known under that id (HTTP 404)."""
    UNAVAILABLE = "unavailable"
    """Something this needs is away; try again (HTTP 503)."""

    # Statements
    WRONG_TYPE = "wrong_type"
    """A value of another JSON type than the property has."""
    NULL_VALUE = "null_value"
    """A null outside extensions (XAPI-00001)."""
    MISSING_PROPERTY = "missing_property"
    """A required property is absent."""
    UNKNOWN_PROPERTY = "unknown_property"
    """A property the specification does not define at this place; names are case-sensitive."""
    INVALID_VALUE = "invalid_value"
    """A value outside the enumeration or range of its property."""
    INVALID_IRI = "invalid_iri"
    """Not an IRI with a scheme (for mbox: not a mailto IRI)."""
    INVALID_UUID = "invalid_uuid"
    """Not a UUID in the canonical form of RFC 4122."""
    INVALID_TIMESTAMP = "invalid_timestamp"
    """Not an RFC 3339 timestamp, or with the offset -00:00."""
    INVALID_DURATION = "invalid_duration"
    """Not an ISO 8601 duration."""
    INVALID_LANGUAGE_TAG = "invalid_language_tag"
    """Not a language tag of RFC 5646."""
    INVALID_IFI = "invalid_ifi"
    """Not exactly one inverse functional identifier, or a malformed one."""
    INVALID_GROUP = "invalid_group"
    """An anonymous group without members, or a member that is not an Agent."""
    INVALID_SCORE = "invalid_score"
    """min, max, raw and scaled contradict each other or their ranges."""
    INVALID_CONTEXT = "invalid_context"
    """A context property that does not go with this object (revision, platform) or version."""
    INVALID_ATTACHMENT = "invalid_attachment"
    """An attachment without fileUrl whose bytes were not sent, or bytes that no statement names."""
    INVALID_VOIDING = "invalid_voiding"
    """A voiding statement whose object is not a StatementRef."""
    ID_MISMATCH = "id_mismatch"
    """The statementId of a PUT is not the id in the body."""
    DUPLICATE_ID = "duplicate_id"
    """Two statements of one request share an id."""
    CONFLICT = "conflict"
    """Another statement is kept under that id (HTTP 409): the first one wins (law 3)."""

    # Records on the log
    UNDECODABLE = "undecodable"
    """A record that is not what its topic's document says."""
    HANDLER_ERROR = "handler_error"
    """The handler failed on this record alone: a bug of ours; the traceback is in the log."""
    ERASED = "erased"
    """The record is about somebody who was erased after it was stamped."""


NOT_OUR_FAULT = frozenset({Reason.CONFLICT, Reason.ERASED})
"""Dead letters that say nothing about our health: they do not count towards stopping a group."""
