"""What this provider speaks of SCIM, as SCIM tells it (RFC 7643 5–7): configuration, resource types, schemas."""

from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
DRY_RUN = "urn:leermix:params:scim:api:messages:1.0:DryRun"

MOST_RESULTS = 200
"""So many resources are listed on a page at most."""

_META = "urn:ietf:params:scim:schemas:core:2.0"


def configuration() -> dict[str, Any]:
    """Return the ServiceProviderConfig."""
    no = {"supported": False}
    return {
        "schemas": [f"{_META}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": no | {"maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {
                "type": "httpbasic",
                "name": "HTTP Basic",
                "description": "key and secret of a credential with the scope people/write",
            },
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "KEY.SECRET of such a credential as one token",
                "primary": True,
            },
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": "ServiceProviderConfig"},
    }


def resource_types() -> list[dict[str, Any]]:
    """Return the ResourceTypes."""
    return [
        _resource_type("User", "/Users", USER, "A person of the organisation")
        | {"schemaExtensions": [{"schema": ENTERPRISE, "required": False}]},
        _resource_type("Group", "/Groups", GROUP, "A team of the organisation"),
    ]


def schemas() -> list[dict[str, Any]]:
    """Return the Schemas: what is kept, and nothing else."""
    user = [
        _attribute("userName", "unique among users", required=True, uniqueness="server"),
        _attribute("title", "the person's role"),
        _attribute("userType", "relation: employee, student, intern, flex, …"),
        _attribute("active", "false: has left", kind="boolean"),
        _several("emails", "identities of the person", "value"),
        _several("addresses", "the locality of the work address is the location", "locality"),
        _attribute("groups", "teams", kind="complex", mutability="readOnly", many=True)
        | {"subAttributes": [_attribute("value", "id of a Group", mutability="readOnly")]},
    ]
    enterprise = [
        _attribute("employeeNumber", "the reference, where there is no externalId"),
        _attribute("department", "the team of who is in no Group"),
    ]
    group = [
        _attribute("displayName", "name of the team", required=True),
        _attribute("members", "users", kind="complex", many=True)
        | {"subAttributes": [_attribute("value", "id of a User", mutability="immutable")]},
    ]
    return [
        _schema(USER, "User", "A person of the organisation", user),
        _schema(ENTERPRISE, "EnterpriseUser", "Where a person works", enterprise),
        _schema(GROUP, "Group", "A team of the organisation", group),
    ]


def _resource_type(name: str, endpoint: str, schema: str, description: str) -> dict[str, Any]:
    return {
        "schemas": [f"{_META}:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": endpoint,
        "description": description,
        "schema": schema,
        "meta": {"resourceType": "ResourceType", "location": f"ResourceTypes/{name}"},
    }


def _schema(urn: str, name: str, description: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [f"{_META}:Schema"],
        "id": urn,
        "name": name,
        "description": description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"Schemas/{urn}"},
    }


def _attribute(
    name: str,
    description: str,
    *,
    kind: str = "string",
    many: bool = False,
    required: bool = False,
    mutability: str = "readWrite",
    uniqueness: str = "none",
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": many,
        "description": description,
        "required": required,
        "caseExact": False,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": uniqueness,
    }


def _several(name: str, description: str, value: str) -> dict[str, Any]:
    """Return a multi-valued attribute whose items have this value, a type, and whether they are the primary one."""
    inside = [
        _attribute(value, description),
        _attribute("type", "work, home, …"),
        _attribute("primary", "whether it is the main one", kind="boolean"),
    ]
    return _attribute(name, description, kind="complex", many=True) | {"subAttributes": inside}
