"""Writes the routes of a Chalice door into its template, between cog markers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from chalice.app import Chalice

from shared.door import Operation, Signed


class Route(NamedTuple):
    """One resource and method of a door, as the Chalice decorator declares it."""

    service: str
    name: str
    method: str
    path: str
    signed: bool
    view: Callable[..., Any]

    @property
    def operation(self) -> Operation:
        """What the route takes and gives; every view is decorated with ``answers``."""
        operation: Operation = self.view.operation  # type: ignore[attr-defined]
        return operation


def declared(service: str) -> list[Route]:
    """Return the routes of a service's door, by name."""
    app: Chalice = importlib.import_module(f"services.{service}.door").app
    return sorted(
        (
            Route(
                service,
                entry.view_name,
                method,
                path,
                isinstance(entry.authorizer, Signed),
                entry.view_function,
            )
            for path, methods in app.routes.items()
            for method, entry in methods.items()
        ),
        key=lambda route: route.name,
    )


def yaml(service: str) -> str:
    """Return the AWS::ApiGatewayV2::Route resources of a service's door."""
    lines = []
    for route in declared(service):
        words = "".join(word.capitalize() for word in route.name.split("_"))
        lines += [
            f"  {words}Route:",
            "    Type: AWS::ApiGatewayV2::Route",
            "    Properties:",
            "      ApiId: !Ref ApiId",
            f"      RouteKey: {route.method} {route.path}",
            "      Target: !Sub integrations/${DoorIntegration}",
        ]
        if route.signed:
            lines += ["      AuthorizationType: JWT", "      AuthorizerId: !Ref AuthorizerId"]
    return "\n".join(lines)
